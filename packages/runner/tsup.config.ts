import { packageBuild } from "../../tsup.base.ts";

// The example catalog is not published: as a development dependency it is bundled with the demo that uses it.
export default packageBuild(["src/index.ts", "src/cli.ts"]);
