/** The store over the model of its server is a store: were the model of another database, the simulation over it would prove nothing. */
import { open } from "perdure/internal/store/postgres/index";
import { DirectPool } from "perdure/internal/testing/simulator/postgres/installation";
import { Server } from "perdure/internal/testing/simulator/postgres/server";
import { storeConformance } from "perdure/testing";
import { test } from "vitest";

const make = () => {
  const server = new Server({ claimed: () => {}, committed: () => {} }, () => false, {});
  return open(new DirectPool(server), { notify: false });
};

storeConformance({ test, make });
