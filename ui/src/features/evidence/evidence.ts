import type { EvidenceRequest } from "@/lib/generated/api";

/** Reads `service/check` from an address; nothing where it names no check. */
export function readEvidence(value: string): EvidenceRequest | null {
  const at = value.lastIndexOf("/");
  const [service, check] = [value.slice(0, at), value.slice(at + 1)];
  return at > 0 && check ? { service, check } : null;
}
