//! Tables without borders: the first column left, numbers right.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::clean::clean;
use super::line::Line;

/// The lines of a table. The first `left` columns are texts, the others numbers.
#[must_use]
pub fn table(header: &[&str], rows: &[Vec<String>], left: usize, indent: usize) -> Vec<Line> {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if header.iter().any(|title| !title.is_empty()) {
        table.set_header(header.iter().map(|title| clean(title).into_owned()));
    }
    for row in rows {
        table.add_row(row.iter().map(|cell| clean(cell).into_owned()));
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 3));
        if at >= left {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let margin = " ".repeat(indent);
    table.lines().map(|line| Line::of(&format!("{margin}{}", line.trim_end()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [
            vec!["deal".to_owned(), "37".to_owned(), "4 551".to_owned()],
            vec!["link\n".to_owned(), "1".into(), "–".into()],
        ];
        let lines: Vec<String> =
            table(&["", "create", "unchanged"], &rows, 1, 2).iter().map(|line| line.text(false)).collect();
        assert_eq!(
            lines,
            ["          create   unchanged", "  deal        37       4 551", "  link␤        1           –"]
        );
    }
}
