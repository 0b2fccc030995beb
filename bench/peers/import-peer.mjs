/** Stands here so that names are looked up among the packages of this folder. */
export function importPeer(name) {
  return import(name);
}
