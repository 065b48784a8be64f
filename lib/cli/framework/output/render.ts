/** A result in the format that was asked for. */

import { escapeText } from "../../../text/escape.ts";
import { type Paint, PLAIN } from "../terminal/paint.ts";
import { formatJson } from "./json.ts";
import type { OutputFormat, Report } from "./report.ts";

/** Writes a result whole, with a newline at its end. */
export async function renderReport(
  report: Report,
  format: OutputFormat,
  paint: Paint = PLAIN,
): Promise<string> {
  switch (format) {
    case "json":
      return formatJson(report.fields, 2) + "\n";
    case "ndjson":
      return formatJson(report.fields) + "\n";
    case "yaml": {
      const { formatYaml } = await import("./yaml.ts");
      return formatYaml(report.fields) + "\n";
    }
    case "table": {
      if (report.page !== undefined) return report.page(paint) + "\n";
      const { formatTable } = await import("./table.ts");
      return formatTable(report.fields, paint.strong) + "\n";
    }
    case "text":
      return ("text" in report
        ? escapeText(report.text())
        : report.page(paint)) + "\n";
  }
}
