/** Characters of the source: which belong to identifiers. Asked about every character, of which nearly all are ASCII. */

export const SPACE = 0;
export const WORD = 1;
export const PUNCTUATION = 2;
export type CharacterClass = typeof SPACE | typeof WORD | typeof PUNCTUATION;

const IN_IDENTIFIER = /[\p{ID_Continue}$#]/u;
const IS_SPACE = /\s/u;

const classify = (character: string): CharacterClass =>
  IN_IDENTIFIER.test(character) ? WORD : IS_SPACE.test(character) ? SPACE : PUNCTUATION;

const ASCII: Uint8Array = Uint8Array.from({ length: 0x80 }, (_, unit) => classify(String.fromCharCode(unit)));

/** Identifiers with `#` and `$`, white space, or any other character. */
export function classOf(text: string, at: number): CharacterClass {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return ASCII[unit] as CharacterClass;
  // Past the end there is nothing, which is no word.
  return Number.isNaN(unit) ? SPACE : classify(String.fromCodePoint(text.codePointAt(at)!));
}

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const NAME_IN_ASCII = /^[A-Za-z_$][\w$]*$/;
const NO_WORD = /[^\p{ID_Continue}$]+/gu;

/** May it stand as a property name without quotes? Sets of Unicode are tables to search, so ASCII is asked for first. */
export const isName = (text: string): boolean => NAME_IN_ASCII.test(text) || NAME.test(text);

/** Nothing that a string literal would escape. */
const IS_PLAIN = /^[\w$ .:/#-]*$/;

/** The text as a string literal. */
export const quoted = (text: string): string => (IS_PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

/** A name as the key of an object literal. `__proto__: x` would set the prototype (ECMA-262 13.2.5.5). */
export function keyText(name: string): string {
  if (NAME_IN_ASCII.test(name)) return name === "__proto__" ? '["__proto__"]' : name;
  if (IS_NUMBER.test(name)) return name;
  return IS_PLAIN.test(name) || !NAME.test(name) ? quoted(name) : name;
}

const IS_NUMBER = /^\d+$/;

/** With `$` for whatever may not stand in an identifier. */
export function identifierOf(text: string): string {
  let out = "";
  let from = 0;
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) return text.replace(NO_WORD, "$");
    if (isWordUnit(unit)) {
      at++;
      continue;
    }
    out += `${text.slice(from, at)}$`;
    while (at < text.length && text.charCodeAt(at) < 0x80 && !isWordUnit(text.charCodeAt(at))) at++;
    from = at;
  }
  return from === 0 ? text : out + text.slice(from);
}

const HASH = 0x23;
/** In ASCII: `#` belongs to names of members alone. */
const isWordUnit = (unit: number): boolean => ASCII[unit] === WORD && unit !== HASH;

const FIRST_SURROGATE = 0xd800;

/** How many units the character has. */
export const widthOf = (text: string, at: number): 1 | 2 =>
  text.charCodeAt(at) >= FIRST_SURROGATE && text.codePointAt(at)! > 0xffff ? 2 : 1;
