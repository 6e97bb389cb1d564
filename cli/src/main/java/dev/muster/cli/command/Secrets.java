package dev.muster.cli.command;

import tools.jackson.databind.JsonNode;

/** Shows a secret where it is made: alone on standard output, so that a script can keep it. */
final class Secrets {
    private Secrets() {}

    static void print(Root root, JsonNode created, String secret, String what) {
        if (root.printer().isTable()) {
            root.terminal().err().println(what + " created; its secret is shown this once:");
            root.terminal().out().println(secret);
            root.terminal().out().flush();
        } else {
            root.printer().one(created);
        }
    }
}
