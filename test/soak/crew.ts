/** Worker processes that are killed at random moments; another takes the place of each that died. */
import { type ChildProcess, spawn } from "node:child_process";

interface Worker {
  readonly process: ChildProcess;
  working: boolean;
  /** Killed by us, or told to stop: it may end. */
  dismissed: boolean;
}

/** Of what a worker wrote to stderr, this much is told once more when it ends by itself. */
const MOST_SAID = 4_000;

export class Crew {
  readonly #program: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #workers: Worker[];
  readonly #tell: (text: string) => void;
  #kills = 0;
  /** What workers wrote to stderr, and how they ended when nobody had asked them to. */
  readonly complaints: string[] = [];

  /** `tell` is told of each complaint. */
  constructor(size: number, program: string, env: NodeJS.ProcessEnv, tell: (text: string) => void) {
    this.#tell = tell;
    this.#program = program;
    this.#env = env;
    this.#workers = Array.from({ length: size }, () => this.#hire());
  }

  get kills(): number {
    return this.#kills;
  }

  #hire(): Worker {
    const child = spawn(process.execPath, ["--enable-source-maps", this.#program], {
      env: this.#env,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const worker: Worker = { process: child, working: false, dismissed: false };
    child.stdin!.on("error", () => {}); // It died while we wrote.
    child.stdout!.once("data", () => {
      worker.working = true;
    });
    let said = "";
    child.stderr!.on("data", (text) => {
      said = `${said}${text}`.slice(-MOST_SAID);
      this.#complain(String(text).trim());
    });
    // Closed, all that it said has been read; after its exit some may still be on the way.
    child.once("close", (code, signal) => {
      if (worker.dismissed) return;
      this.#complain(`a worker ended by itself (${signal ?? code}), having said: ${said.trim() || "nothing"}`);
      this.#workers[this.#workers.indexOf(worker)] = this.#hire();
    });
    return worker;
  }

  #complain(text: string): void {
    this.complaints.push(text);
    this.#tell(text);
  }

  /**
   * Kills a random one, and hires another. False, and nobody is killed, while the last one hired is still starting: on a slow or busy machine
   * there would soon be no worker left that does anything else.
   */
  kill(): boolean {
    if (this.#workers.some(({ working }) => !working)) return false;
    const index = Math.floor(Math.random() * this.#workers.length);
    const victim = this.#workers[index]!;
    victim.dismissed = true;
    victim.process.kill("SIGKILL");
    this.#kills++;
    this.#workers[index] = this.#hire();
    return true;
  }

  /** Tells some worker. Nobody hears when it is about to die: what must be heard is told again. */
  tell(command: unknown): void {
    const { process: child } = this.#workers[Math.floor(Math.random() * this.#workers.length)]!;
    child.stdin!.write(`${JSON.stringify(command)}\n`);
  }

  /** Asks all to end in order. */
  async stop(): Promise<void> {
    const exits = this.#workers.map(({ process: child }) => new Promise((resolve) => child.once("exit", resolve)));
    for (const worker of this.#workers) {
      worker.dismissed = true;
      worker.process.stdin!.write('"stop"\n');
    }
    for (const code of await Promise.all(exits))
      if (code !== 0) this.#complain(`told to stop, a worker ended with ${code}`);
  }

  /** When the soak breaks off. */
  end(): void {
    for (const worker of this.#workers) {
      worker.dismissed = true;
      worker.process.kill("SIGKILL");
    }
  }
}
