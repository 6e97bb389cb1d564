package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster describe KIND NAME}. */
@Command(name = "describe", description = "Shows all that is known of one object.")
final class Describe extends Verb {
    @Parameters(index = "0", paramLabel = "KIND", description = "asset, group, …")
    private String kind = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "Its id or name.")
    private String name = "";

    @Override
    void run() {
        Kind wanted = Kind.named(kind);
        JsonNode object = root().api().get(Query.of(wanted.path(), name));
        if (!root().printer().isTable()) {
            root().printer().one(object);
            return;
        }
        print("", object);
        if (wanted == Kind.ASSETS) {
            certificates();
        }
        root().terminal().out().flush();
    }

    private void print(String indent, JsonNode object) {
        int width =
                object.propertyNames().stream().mapToInt(String::length).max().orElse(0);
        object.forEachEntry((field, value) -> {
            if (value.isObject() && !value.isEmpty() && !field.equals("labels")) {
                say(indent + field + ":");
                print(indent + "  ", value);
            } else if (value.isArray() && value.path(0).isObject()) {
                say(indent + field + ":");
                value.forEach(each -> say(indent + "  " + Column.text(each)));
            } else {
                say(indent + field + ":" + " ".repeat(width - field.length() + 1) + Column.text(value));
            }
        });
    }

    private void certificates() {
        List<JsonNode> found = Pages.all(root().api(), Query.of("certificates").with("asset", name), 20);
        if (found.isEmpty()) {
            return;
        }
        say("");
        List<Column> columns = Kind.CERTIFICATES.columns(Instant.now()).stream()
                .filter(column -> !column.wide() && !column.title().equals("ASSET"))
                .toList();
        new Table(root().terminal(), columns.stream().map(Column::title).toList())
                .print(found.stream()
                        .map(item -> columns.stream()
                                .map(column -> column.value().apply(item))
                                .toList())
                        .toList());
    }
}
