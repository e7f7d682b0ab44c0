import { packageBuild } from "../../tsup.base.ts";

export default packageBuild(["src/index.ts", "src/s3/index.ts", "src/hec/index.ts", "src/datadog/index.ts"]);
