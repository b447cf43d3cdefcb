/** The packages that `fixtures/dependencies` uses, with those that they are made of. */
export const INCLUDE = [
  "node_modules/{p-limit,yocto-queue}/**",
  "node_modules/p-map/**",
  "node_modules/{p-queue,eventemitter3}/**",
  "node_modules/{p-retry,is-network-error}/**",
  "node_modules/p-timeout/**",
];
