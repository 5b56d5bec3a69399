export default {
  "time.just_now": "الآن",
  "time.clock": "{minutes}:{seconds}",
  "time.hours": "{hours} س {minutes} د",
  "time.instant": "{day}، {time}",
  "count.points": { zero: "{count} نقطة", one: "نقطة واحدة", two: "نقطتين", few: "{count} نقاط", many: "{count} نقطة", other: "{count} نقطة" },
};
