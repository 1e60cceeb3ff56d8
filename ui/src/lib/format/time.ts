const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const exactFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
const shortFormat = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const shortYearFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});
const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const dateFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const tickFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});

/** The exact moment in this device's time zone. */
export function exact(moment: string): string {
  return exactFormat.format(new Date(moment));
}

/** Hours and minutes in this device's time zone. */
export function clockTime(moment: string): string {
  return clockFormat.format(new Date(moment));
}

/** How long ago, in one unit; after a month the date. A clock that is a little off is "just now". */
export function relative(moment: string, now: number): string {
  const then = new Date(moment).getTime();
  const age = now - then;
  if (age < MINUTE) return age < -5 * MINUTE ? shortYearFormat.format(then) : "just now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 30 * DAY) return `${Math.floor(age / DAY)} d ago`;
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? shortFormat : shortYearFormat).format(then);
}

/** A day of the calendar (`2026-11-24`), which has no time zone. Full moments are cut to their day. */
export function calendarDate(date: string): string {
  return dateFormat.format(new Date(`${date.slice(0, 10)}T00:00:00Z`));
}

/** A day of the calendar without its year, for axes. */
export function tickDate(date: string): string {
  return tickFormat.format(new Date(`${date}T00:00:00Z`));
}

/** A day of the calendar, without its year while that is this year. */
export function nearDate(date: string, now: number): string {
  return date.startsWith(String(new Date(now).getFullYear())) ? tickDate(date) : calendarDate(date);
}

/** Whole days from one day of the calendar to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / DAY);
}

/** A day of the calendar, some days later. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date.slice(0, 10)) + days * DAY).toISOString().slice(0, 10);
}

/** Items under the day they fall on in this device's time zone, in the order they come. */
export function groupByDay<T>(items: readonly T[], moment: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const day = dayFormat.format(new Date(moment(item)));
    const group = groups.get(day);
    if (group) group.push(item);
    else groups.set(day, [item]);
  }
  return [...groups];
}

/** "3 days left", "today", "2 days late". */
export function daysLeft(today: string, deadline: string): string {
  const days = daysBetween(today, deadline);
  if (days === 0) return "today";
  const number = Math.abs(days);
  return `${number} ${number === 1 ? "day" : "days"} ${days > 0 ? "left" : "late"}`;
}
