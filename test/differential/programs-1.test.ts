import { programs } from "./suite.ts";

programs(0, 2, { counted: 200, concurrent: 20, closures: 60 });
