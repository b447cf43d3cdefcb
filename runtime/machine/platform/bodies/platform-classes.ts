/** Request and Response of the platform as classes can extend them: with methods and accessors, which Node's types declare as properties. */
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
