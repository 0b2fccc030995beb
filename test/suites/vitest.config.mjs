/** @type {import("vitest/config").UserConfig} */
// oxlint-disable-next-line import/no-default-export -- vitest asks for it
export default { test: { include: ["*.suite.mjs"], globals: true } };
