//! What was measured, as JSON.

use std::fmt::Write;

use crate::memory::Memory;
use crate::table::Table;

/// Names hold nothing that JSON would have to escape.
pub fn write(table: &Table, memory: Option<&Memory>) -> String {
    let mut json = String::from("{\n  \"unit\": \"ns per message\",\n  \"rows\": [");
    for (at, (row, times)) in table.rows.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        let _ = write!(json, "{comma}\n    {{\"name\": \"{}\"", row.name);
        if let Some(target) = row.target {
            let _ = write!(json, ", \"target\": {target}");
        }
        json += ", \"times\": {";
        let measured = table.times(times);
        for (at, (column, time)) in measured.enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let (median, least) = (time.median, time.least);
            let note = if time.validates {
                ""
            } else {
                ", \"validates\": false"
            };
            let _ = write!(
                json,
                "{comma}\"{}\": {{\"median\": {median:.2}, \"least\": {least:.2}{note}}}",
                column.name
            );
        }
        json += "}}";
    }
    json += "\n  ]";
    if let Some(memory) = memory {
        json += ",\n  \"bytes per connection\": [";
        for (at, (mode, name, bytes)) in memory.rows().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let _ = write!(
                json,
                "{comma}\n    {{\"mode\": \"{mode}\", \"name\": \"{name}\", \"bytes\": {bytes:?}}}"
            );
        }
        json += "\n  ]";
    }
    json += "\n}\n";
    json
}
