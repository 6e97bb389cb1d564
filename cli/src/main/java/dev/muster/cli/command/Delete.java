package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Query;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code muster delete KIND NAME…}. */
@Command(
        name = "delete",
        description = "Deletes assets, asset types, groups or configurations; revokes tokens and claim tokens.")
final class Delete extends Verb {
    @Parameters(
            index = "0",
            paramLabel = "KIND",
            description = "asset, asset-type, group, configuration, token, claim-token.")
    private String kind = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "NAME", description = "Ids or names.")
    private List<String> names = List.of();

    @Override
    void run() {
        Kind wanted = Kind.named(kind);
        if (wanted == Kind.CERTIFICATES || wanted == Kind.AUDIT || wanted == Kind.EVENTS || wanted == Kind.RELEASES) {
            throw new CommandFailed(
                    ExitCode.USAGE,
                    wanted.path() + " are never deleted"
                            + switch (wanted) {
                                case CERTIFICATES -> "; revoke one with muster certificate revoke SERIAL";
                                case RELEASES -> "; withdraw one with muster release quarantine NAME";
                                default -> "";
                            });
        }
        for (String name : names) {
            root().api().delete(Query.of(wanted.path(), name));
            root().terminal().out().println(wanted.singular() + " " + name + " deleted");
        }
        root().terminal().out().flush();
    }
}
