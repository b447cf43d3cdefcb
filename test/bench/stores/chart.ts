/** A line chart as SVG, both axes logarithmic, without script or style sheet: for pages that show images. */

export interface Series {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

const WIDTH = 720;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 190;
const TOP = 50;
const BOTTOM = 60;

const decades = (values: readonly number[]): readonly [from: number, to: number] => [
  Math.floor(Math.log10(Math.min(...values))),
  Math.ceil(Math.log10(Math.max(...values))),
];
const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
const label = (decade: number): string => (decade < 0 ? String(10 ** decade) : (10 ** decade).toLocaleString("en"));

export function logChart({ title, x, y }: Axes, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points);
  const [x0, x1] = decades(all.map(([one]) => one));
  const [y0, y1] = decades(all.map(([, one]) => one));
  const width = WIDTH - LEFT - RIGHT;
  const height = HEIGHT - TOP - BOTTOM;
  const across = (value: number): number => LEFT + ((Math.log10(value) - x0) / (x1 - x0 || 1)) * width;
  const up = (value: number): number => TOP + height - ((Math.log10(value) - y0) / (y1 - y0 || 1)) * height;
  const at = (value: number): string => value.toFixed(1);
  const text = (left: number, top: number, what: string, more = ""): string =>
    `<text x="${at(left)}" y="${at(top)}"${more}>${escaped(what)}</text>`;
  const line = (fromX: number, fromY: number, toX: number, toY: number): string =>
    `<line x1="${at(fromX)}" y1="${at(fromY)}" x2="${at(toX)}" y2="${at(toY)}" stroke="#d0d7de"/>`;
  const parts: string[] = [];
  for (let decade = x0; decade <= x1; decade++) {
    const left = across(10 ** decade);
    parts.push(
      line(left, TOP, left, TOP + height),
      text(left, TOP + height + 18, label(decade), ' text-anchor="middle"'),
    );
  }
  for (let decade = y0; decade <= y1; decade++) {
    const top = up(10 ** decade);
    parts.push(line(LEFT, top, LEFT + width, top), text(LEFT - 8, top + 4, label(decade), ' text-anchor="end"'));
  }
  // Names stand at the ends of their lines, pushed apart where they would meet.
  let taken = -Infinity;
  const byHeight = [...series].sort((a, b) => up(a.points.at(-1)![1]) - up(b.points.at(-1)![1]));
  for (const { name, color, points } of byHeight) {
    const path = points.map(([one, two]) => `${at(across(one))},${at(up(two))}`).join(" ");
    parts.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`);
    for (const [one, two] of points)
      parts.push(`<circle cx="${at(across(one))}" cy="${at(up(two))}" r="3.5" fill="${color}"/>`);
    const [lastX, lastY] = points.at(-1)!;
    taken = Math.max(up(lastY) + 4, taken + 16);
    parts.push(text(across(lastX) + 10, taken, name, ` fill="${color}"`));
  }
  const middle = TOP + height / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#24292f">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${text(LEFT, 26, title, ' font-size="15" font-weight="bold"')}
${text(LEFT + width / 2, HEIGHT - 16, x, ' text-anchor="middle"')}
${text(18, middle, y, ` text-anchor="middle" transform="rotate(-90 18 ${at(middle)})"`)}
${parts.join("\n")}
</svg>
`;
}
