//! The chart of the README: how long each crate takes, as a multiple of what ours takes.

use std::fmt::Write;

use crate::table::{Table, number};

/// The rows that are drawn, and what they are called.
const SHOWN: [(&str, &str); 8] = [
    ("receive 16", "receive 16 B"),
    ("receive 1K", "receive 1 KiB"),
    ("receive 64K", "receive 64 KiB"),
    ("receive text 1K mixed", "receive text, 1 KiB"),
    ("fragments 64K, pings", "64 fragments with pings"),
    ("echo 1K", "echo 1 KiB"),
    ("client send 1K", "client sends 1 KiB"),
    ("handshake server", "server handshake"),
];

const COLORS: [&str; 12] = [
    "#c2410c", "#64748b", "#0e7490", "#1d4ed8", "#a16207", "#7c3aed", "#be185d", "#15803d",
    "#0f766e", "#b45309", "#92400e", "#334155",
];

const LABELS: f64 = 190.0;
const BARS: f64 = 520.0;
const BAR: f64 = 9.0;
const GAP: f64 = 16.0;
/// Longer bars are cut.
const MOST: f64 = 8.0;

/// The rows that were measured, as an SVG.
pub fn draw(table: &Table) -> String {
    let crates: Vec<_> = table
        .contestants
        .iter()
        .enumerate()
        .filter(|(_, column)| !column.is_floor)
        .collect();
    let mut svg = String::new();
    let mut y = 34.0;
    for (name, label) in SHOWN {
        let Some((_, times)) = table.rows.iter().find(|(row, _)| row.name == name) else {
            continue;
        };
        let Some(ours) = table.ours(times) else {
            continue;
        };
        let top = y;
        for (color, (at, column)) in crates.iter().enumerate() {
            let Some(time) = &times[*at] else { continue };
            let ratio = time.ratio(ours);
            let length = (ratio.min(MOST) / MOST * BARS).max(1.0);
            let color = COLORS[color % COLORS.len()];
            let value = if column.is_ours {
                format!("{} ns", number(time.median))
            } else if ratio > MOST {
                format!("{ratio:.1} × →")
            } else {
                format!("{ratio:.1} ×")
            };
            let _ = write!(
                svg,
                "<rect x=\"{LABELS}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{BAR}\" \
                 fill=\"{color}\"><title>{}</title></rect>\n\
                 <text x=\"{:.1}\" y=\"{:.1}\" class=\"v\">{value}</text>\n",
                column.name,
                LABELS + length + 4.0,
                y + BAR - 1.0,
            );
            y += BAR + 1.0;
        }
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" class=\"l\">{label}</text>",
            LABELS - 10.0,
            (top + y) / 2.0 + 4.0,
        );
        y += GAP;
    }
    for (color, (_, column)) in crates.iter().enumerate() {
        let (x, line) = (20.0 + (color % 6) as f64 * 125.0, (color / 6) as f64 * 18.0);
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{:.1}\" width=\"10\" height=\"10\" fill=\"{}\"/>\n\
             <text x=\"{}\" y=\"{:.1}\" class=\"n\">{}</text>\n",
            y + line,
            COLORS[color % COLORS.len()],
            x + 15.0,
            y + line + 9.0,
            column.name,
        );
    }
    let (width, height) = (LABELS + BARS + 70.0, y + 46.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height:.0}\" \
         font-family=\"system-ui, sans-serif\">\n<style>.v{{font-size:8.5px;fill:#475569}}\
         .l{{font-size:12px;fill:#0f172a;text-anchor:end}}.n{{font-size:11px;fill:#0f172a}}\
         .t{{font-size:13px;fill:#0f172a;font-weight:600}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"20\" y=\"20\" class=\"t\">Time per message, as a multiple of wsproto's \
         (shorter is faster)</text>\n{svg}</svg>\n"
    )
}
