import { count } from "@/lib/format/text";
import { calendarDate } from "@/lib/format/time";
import type { LevelCell } from "@/lib/generated/api";

/** A level with all that stands behind it, in a sentence. */
export function cellText(cell: LevelCell): string {
  const parts = [
    cell.level > 0 ? `${cell.words} from ${count(cell.executions, "execution")}` : "No evidence",
    cell.unconfirmed > 0 ? `${cell.unconfirmed} not confirmed` : "",
    cell.since ? `L3 since ${calendarDate(cell.since)}` : "",
    cell.last_use ? `last used ${calendarDate(cell.last_use)}` : "",
    cell.faded ? "faded" : "",
    cell.reopened ? "a regression was traced to it; one more alone settles it" : "",
    cell.assessed === null ? "" : `own assessment ${cell.assessed}`,
  ];
  return parts.filter(Boolean).join("; ");
}
