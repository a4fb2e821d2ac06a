import { operation, type Operation } from "./operation.ts";
import { Type } from "../schema/type.ts";

const NS_PER_US = 1000;

export const slowMigration: Operation = operation({
  op: "slow_migration",
  about: "Pages take longer to move, for offlines that begin from now on; without us_per_page as long as usual again",
  operands: Type.Object({
    us_per_page: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1e9, description: "Simulated microseconds for each page; usually 25" }),
    ),
  }),
  acts: {
    on: "machine",
    async perform({ machine }, { us_per_page }) {
      machine.setMigrationCost(us_per_page === undefined ? undefined : us_per_page * NS_PER_US);
      return { result: {} };
    },
  },
  asked: ({ us_per_page }) =>
    us_per_page === undefined ? "let pages move as fast as usual" : `let each page take ${us_per_page} µs to move`,
  example: { op: "slow_migration", us_per_page: 1000 },
});
