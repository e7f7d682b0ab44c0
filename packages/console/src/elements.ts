// The bundle for pages without a bundler: loading it is enough.
import { defineHeadgateElements } from "./define.ts";

defineHeadgateElements();
