package dev.muster.cli.command;

import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster certificate …}: certificates of assets. */
@Command(
        name = "certificate",
        description = "Lists and revokes certificates of assets.",
        subcommands = {Certificate.ListThem.class, Certificate.Revoke.class})
final class Certificate extends Menu {

    /** {@code muster certificate list --expires-before 30d}. */
    @Command(name = "list", description = "Lists certificates, the next to expire first.")
    static final class ListThem extends Verb {
        @Option(names = "--asset", paramLabel = "ID", description = "Only of this asset.")
        private @Nullable String asset;

        @Option(names = "--expires-before", paramLabel = "TIME", description = "30d, or a date.")
        private @Nullable String expiresBefore;

        @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many.")
        private int limit;

        @Override
        void run() {
            Instant now = Instant.now();
            Query query = Query.of("certificates")
                    .with("asset", asset)
                    .with("expiresBefore", Times.moment(expiresBefore, now));
            root().printer()
                    .list(
                            Kind.CERTIFICATES.columns(now),
                            "no certificates",
                            page -> Pages.each(root().api(), query, limit, page));
        }
    }

    /** {@code muster certificate revoke SERIAL}. */
    @Command(name = "revoke", description = "Revokes a certificate for ever; live sessions end at once.")
    static final class Revoke extends Verb {
        @Parameters(paramLabel = "SERIAL", description = "From muster certificate list.")
        private String serial = "";

        @Option(names = "--reason", description = "For the audit trail.")
        private @Nullable String reason;

        @Override
        void run() {
            ObjectNode wanted = Api.JSON.createObjectNode();
            if (reason != null) {
                wanted.put("reason", reason);
            }
            String asset = root().api()
                    .post(Query.of("certificates", serial, "revoke"), wanted)
                    .path("asset")
                    .asString("");
            root().terminal()
                    .out()
                    .println("certificate " + serial + (asset.isEmpty() ? "" : " of asset " + asset) + " revoked");
            root().terminal().out().flush();
        }
    }
}
