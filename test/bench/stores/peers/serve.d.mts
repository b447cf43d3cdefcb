export function timed(body: () => unknown): Promise<number>;
export function serve(methods: Readonly<Record<string, (...args: any[]) => Promise<unknown>>>): void;
