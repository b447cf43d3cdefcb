import { programs } from "./suite.ts";

programs(0, 2, { counted: 220, concurrent: 50, closures: 60 });
