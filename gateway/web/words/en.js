export default {
  "time.just_now": "just now",
  "time.clock": "{minutes}:{seconds}",
  "time.hours": "{hours} h {minutes} min",
  "time.instant": "{day}, {time}",
  "count.points": { one: "{count} point", other: "{count} points" },
};
