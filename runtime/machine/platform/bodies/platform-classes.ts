/** The platform's classes of bodies, whatever a program has put in their place. */
import { platformClass } from "../../../codec/platform-class.ts";

export const Platform = {
  get Blob() {
    return platformClass("Blob") as typeof globalThis.Blob;
  },
  get File() {
    return platformClass("File") as typeof globalThis.File;
  },
  get FormData() {
    return platformClass("FormData") as typeof globalThis.FormData;
  },
  get Request() {
    return platformClass("Request") as typeof globalThis.Request;
  },
  get Response() {
    return platformClass("Response") as typeof globalThis.Response;
  },
};

/** Request and Response as classes can extend them: with methods and accessors, which Node's types declare as properties. */
declare class PlatformBody {
  get headers(): Headers;
  get body(): ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  formData(): Promise<FormData>;
}

declare class PlatformRequest extends PlatformBody {
  constructor(url: string, init: object);
  get signal(): AbortSignal;
  clone(): PlatformRequest;
}

declare class PlatformResponse extends PlatformBody {
  constructor(body: unknown, init: object);
  get status(): number;
  get statusText(): string;
  get ok(): boolean;
  get url(): string;
  get redirected(): boolean;
  get type(): string;
  clone(): PlatformResponse;
}

export type RequestClass = typeof PlatformRequest;
export type ResponseClass = typeof PlatformResponse;

/** What the constructors take. */
export type BodyInit = ConstructorParameters<typeof Response>[0];
export type RequestInfo = ConstructorParameters<typeof Request>[0];
