/**
 * `normal`: a commit survives a killed process, power loss may take the last ones. `full`: it survives power loss as well, at the
 * price of one flush to disk a group.
 */
export type Durability = "normal" | "full";
