import type { ApiError, PlaybookTrial } from "@/lib/generated/api";

/** What the host says about the text that is being edited. */
export interface Trying {
  /** The newest answer; while another one is awaited it is about an earlier text. */
  trial: PlaybookTrial | undefined;
  /** The answer is about the text as it stands. */
  current: boolean;
  error: ApiError | undefined;
  retry: () => void;
}
