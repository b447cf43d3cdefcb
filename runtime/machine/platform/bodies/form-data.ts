/** FormData as durable code has it: one of the platform, whose files are such that their bytes are known. And its text (RFC 7578; HTML, 4.10.21.8). */
import { isInstanceNamed } from "../../../codec/platform-class.ts";
import { currentRun } from "../../current-run.ts";
import { concatenated, makeFile } from "./blob.ts";
import { type Bytes, bytesOf, isUnknown, once } from "./contents.ts";
import { Platform } from "./platform-classes.ts";

/** What the platform would make of a Blob that becomes an entry: a File. */
function fileOf(blob: Blob, filename: string | undefined): Blob {
  const bytes = bytesOf(blob);
  const isFile = isInstanceNamed(blob, "File");
  if (bytes === undefined || (isFile && filename === undefined)) return blob;
  const [name, lastModified] = isFile ? [(blob as File).name, (blob as File).lastModified] : ["blob", Date.now()];
  return makeFile(bytes, filename ?? name, blob.type, lastModified);
}

type Entry = [name: string, value: string | Blob, filename?: string];

const withFile = (entry: Entry): Entry => {
  const [name, value, filename] = entry;
  if (!(typeof value === "object" && isInstanceNamed(value, "Blob"))) return entry;
  const file = fileOf(value, filename === undefined ? undefined : String(filename));
  return file === value ? entry : [name, file];
};

export const formDataClass = once(
  () =>
    class FormData extends Platform.FormData {
      override append(...entry: Entry): void {
        super.append(...(withFile(entry) as [string, Blob]));
      }
      override set(...entry: Entry): void {
        super.set(...(withFile(entry) as [string, Blob]));
      }
    },
);

const CRLF = "\r\n";
const inLines = (text: string) => text.replace(/\r\n|\r|\n/g, CRLF);
const inQuotes = (text: string) => text.replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22");

/** Undefined: the bytes of a file are not known. */
export function multipart(form: FormData, boundary: string): Bytes | undefined {
  const encoder = new TextEncoder();
  const chunks: Uint8Array[] = [];
  const write = (text: string) => chunks.push(encoder.encode(text));
  for (const [name, value] of form as unknown as Iterable<[string, string | File]>) {
    const head = `--${boundary}${CRLF}Content-Disposition: form-data; name="${inQuotes(inLines(name))}"`;
    if (typeof value === "string") {
      write(`${head}${CRLF}${CRLF}${inLines(value)}${CRLF}`);
      continue;
    }
    const bytes = bytesOf(value);
    if (bytes === undefined || isUnknown(bytes)) return undefined;
    const type = value.type || "application/octet-stream";
    write(`${head}; filename="${inQuotes(value.name)}"${CRLF}Content-Type: ${type}${CRLF}${CRLF}`);
    chunks.push(bytes);
    write(CRLF);
  }
  write(`--${boundary}--${CRLF}`);
  return concatenated(chunks);
}

/** `new FormData()`. */
export function constructFormData(...args: ConstructorParameters<typeof FormData>): FormData {
  const form = new globalThis.FormData(...args);
  return currentRun() === undefined ? form : new (formDataClass())();
}
