/** Thrower of the command's coded errors. */
import { coded } from "perdure/internal/errors";
import { messages } from "./messages.ts";

export const error = coded(messages);
