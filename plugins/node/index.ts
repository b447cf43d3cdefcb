/**
 * `node --import @perdure/plugins/node app.ts`: compiles durable modules as Node loads them, with the default options. For others, see
 * `@perdure/plugins/node/register`.
 */
import { register } from "./register.ts";

register();
