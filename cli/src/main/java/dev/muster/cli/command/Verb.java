package dev.muster.cli.command;

import dev.muster.cli.output.Column;
import dev.muster.cli.output.Table;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParentCommand;
import tools.jackson.databind.node.ObjectNode;

/** What all verbs share: their way to the root's options. */
abstract class Verb implements Callable<Integer> {
    @ParentCommand
    private Object parent = this;

    Root root() {
        Object at = parent;
        while (at instanceof Verb verb && verb != verb.parent) {
            at = verb.parent;
        }
        if (at instanceof Root root) {
            return root;
        }
        throw new IllegalStateException("the command " + getClass().getSimpleName() + " runs outside of muster");
    }

    abstract void run();

    /** What was not given is not in a body. */
    static void put(ObjectNode body, String field, @Nullable String value) {
        if (value != null) {
            body.put(field, value);
        }
    }

    /** {@code 1 asset}, {@code 2 assets}. */
    static String assets(long count) {
        return count + (count == 1 ? " asset" : " assets");
    }

    /** A line for people. */
    final void say(String text) {
        root().terminal().out().println(Table.printable(text));
        root().terminal().out().flush();
    }

    /**
     * All pages of a list.
     *
     * @param empty what is said when there is nothing
     */
    final void list(Query query, String empty, List<Column> columns) {
        root().printer().list(columns, empty, page -> Pages.each(root().api(), query, 0, page));
    }

    final void list(Query query, String empty, Column... columns) {
        list(query, empty, List.of(columns));
    }

    @Override
    public final Integer call() {
        run();
        return 0;
    }
}
