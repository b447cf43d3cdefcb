import { programs } from "./suite.ts";

programs(1, 2, { counted: 200, concurrent: 20, closures: 60 });
