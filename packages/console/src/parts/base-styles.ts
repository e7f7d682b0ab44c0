import type { CSSResultGroup } from "lit";
import { controlStyles } from "./control-styles.ts";
import { dialogStyles } from "./dialog-styles.ts";
import { noticeStyles } from "./notice-styles.ts";
import { typeStyles } from "./type-styles.ts";

/** What all components are built from. Later ones may refine earlier ones. */
export const baseStyles: CSSResultGroup = [typeStyles, controlStyles, noticeStyles, dialogStyles];
