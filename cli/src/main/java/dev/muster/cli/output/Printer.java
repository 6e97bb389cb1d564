package dev.muster.cli.output;

import dev.muster.cli.Terminal;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Prints items in the format that was asked for: a table, a JSON array, or YAML documents that {@code muster apply}
 * takes back.
 */
public final class Printer {
    private final Terminal terminal;
    private final Format format;
    private @Nullable JsonMapper json;
    private @Nullable YAMLMapper yaml;

    public Printer(Terminal terminal, Format format) {
        this.terminal = terminal;
        this.format = format;
    }

    public Terminal terminal() {
        return terminal;
    }

    public boolean isTable() {
        return format == Format.table || format == Format.wide;
    }

    public boolean isWide() {
        return format == Format.wide;
    }

    public void one(JsonNode item) {
        terminal.out().println(format == Format.yaml ? yaml(item) : indented(item));
        terminal.out().flush();
    }

    /** A list whose pages come one after the other. */
    public void list(List<Column> columns, String nothing, Consumer<Consumer<List<JsonNode>>> pages) {
        switch (format) {
            case table, wide -> table(columns, nothing, pages);
            case json -> jsonArray(pages);
            case yaml ->
                pages.accept(items -> items.forEach(item -> terminal.out().println("---\n" + yaml(item))));
        }
        terminal.out().flush();
    }

    private void table(List<Column> columns, String nothing, Consumer<Consumer<List<JsonNode>>> pages) {
        List<Column> shown = columns.stream()
                .filter(column -> format == Format.wide || !column.wide())
                .toList();
        Table table = new Table(terminal, shown.stream().map(Column::title).toList());
        int[] count = {0};
        pages.accept(items -> {
            count[0] += items.size();
            if (!items.isEmpty()) {
                table.print(items.stream().map(item -> cells(shown, item)).toList());
            }
        });
        if (count[0] == 0) {
            terminal.err().println(nothing);
        }
    }

    private static List<String> cells(List<Column> columns, JsonNode item) {
        return columns.stream().map(column -> column.value().apply(item)).toList();
    }

    private void jsonArray(Consumer<Consumer<List<JsonNode>>> pages) {
        boolean[] first = {true};
        terminal.out().print("[");
        pages.accept(items -> {
            for (JsonNode item : items) {
                terminal.out().print(first[0] ? "\n" : ",\n");
                terminal.out().print(indented(item).indent(2).stripTrailing());
                first[0] = false;
            }
        });
        terminal.out().println(first[0] ? "]" : "\n]");
    }

    private String indented(JsonNode item) {
        if (json == null) {
            json = new JsonMapper();
        }
        return json.writerWithDefaultPrettyPrinter().writeValueAsString(item);
    }

    private String yaml(JsonNode item) {
        if (yaml == null) {
            yaml = YAMLMapper.builder()
                    .disable(tools.jackson.dataformat.yaml.YAMLWriteFeature.WRITE_DOC_START_MARKER)
                    .enable(tools.jackson.dataformat.yaml.YAMLWriteFeature.MINIMIZE_QUOTES)
                    .enable(tools.jackson.dataformat.yaml.YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .build();
        }
        return yaml.writeValueAsString(item).stripTrailing();
    }
}
