package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.output.ProgressBar;
import dev.muster.cli.output.Table;
import dev.muster.cli.release.Bundle;
import dev.muster.cli.release.KeyFile;
import dev.muster.cli.release.ReleaseFile;
import dev.muster.cli.release.Signing;
import dev.muster.cli.release.Upload;
import dev.muster.cli.release.Verifying;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TargetFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster release …}: from files to something that assets may install. */
@Command(
        name = "release",
        description = "Makes, signs, publishes and withdraws releases.",
        subcommands = {
            ReleaseKeys.class,
            Release.Create.class,
            Release.Sign.class,
            Release.Publish.class,
            Release.ListAll.class,
            Release.Show.class,
            Release.Quarantine.class,
            Release.EndQuarantine.class,
            Release.Prune.class,
            ReleaseSupply.Attest.class,
            ReleaseSupply.SbomOf.class,
            ReleaseSupply.ProvenanceOf.class,
            ReleaseSupply.Contains.class
        },
        footer = {
            "",
            "  muster release keys init --out keys --component app            once, by an administrator",
            "  muster release create app@1.5.0 --artifact app.tar.gz=rpi4     writes app@1.5.0.release",
            "  muster release sign app@1.5.0.release --key keys/releases-app.key",
            "  muster release publish app@1.5.0.release"
        })
final class Release extends Menu {

    /** {@code muster release create NAME@VERSION --artifact FILE[=HARDWARE,…]} or {@code --file release.yaml}. */
    @Command(name = "create", description = "Writes down what a release consists of; nothing leaves this machine.")
    static final class Create extends Verb {
        @Parameters(arity = "0..1", paramLabel = "NAME@VERSION", description = "For example app@1.5.0.")
        private @Nullable String name;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "A release.yaml instead of options; needed for several components.")
        private @Nullable Path file;

        @Option(
                names = "--artifact",
                paramLabel = "FILE[=HARDWARE,…]",
                description = "What is installed, and on which hardware (any); may be repeated.")
        private List<String> artifacts = List.of();

        @Option(names = "--compatibility", paramLabel = "CEL", description = "Which assets it is for (all).")
        private String compatibility = "";

        @Option(names = "--notes", paramLabel = "FILE", description = "For people.")
        private @Nullable Path notes;

        @Option(names = "--sbom", paramLabel = "FILE", description = "What it is made of: CycloneDX in JSON.")
        private @Nullable Path sbom;

        @Option(
                names = "--provenance",
                paramLabel = "FILE",
                description = "How it was built: SLSA in DSSE, as of muster release attest.")
        private @Nullable Path provenance;

        @Option(names = "--out", paramLabel = "DIR", description = "Where it is written (./NAME@VERSION.release).")
        private @Nullable Path out;

        @Override
        void run() {
            if ((name == null) == (file == null)) {
                throw new CommandFailed(
                        ExitCode.USAGE, "give either NAME@VERSION with --artifact, or --file release.yaml");
            }
            ReleaseFile release = file == null ? ofOptions(String.valueOf(name)) : ReleaseFile.read(file);
            String called = release.name() + "@" + release.version();
            Bundle bundle = release.bundle(out == null ? Path.of(called + ".release") : out);
            bundle.entries()
                    .forEach(entry -> say(entry.file().sha256() + "  "
                            + entry.file().path() + "  " + entry.file().length() + " bytes"));
            say(called + " is in " + bundle.folder() + "; next: muster release sign " + bundle.folder() + " --key …");
        }

        private ReleaseFile ofOptions(String text) {
            int at = text.indexOf('@');
            if (at <= 0 || at == text.length() - 1) {
                throw new CommandFailed(ExitCode.USAGE, "\"" + text + "\" is no name of a release; write app@1.5.0");
            }
            Map<TargetFile.Kind, Path> attachments = new EnumMap<>(TargetFile.Kind.class);
            put(attachments, TargetFile.Kind.NOTES, notes);
            put(attachments, TargetFile.Kind.SBOM, sbom);
            put(attachments, TargetFile.Kind.PROVENANCE, provenance);
            return new ReleaseFile(
                    text.substring(0, at),
                    text.substring(at + 1),
                    compatibility,
                    artifacts.stream().map(ReleaseFile.Artifact::parse).toList(),
                    attachments,
                    List.of());
        }

        private static void put(Map<TargetFile.Kind, Path> attachments, TargetFile.Kind kind, @Nullable Path path) {
            if (path != null) {
                attachments.put(kind, path);
            }
        }
    }

    /** {@code muster release sign DIR --key FILE}. */
    @Command(
            name = "sign",
            description = "Signs a release; again with another key adds its signature.",
            footer = {
                "",
                "The key may also come as PEM in MUSTER_SIGNING_KEY. Without a server, --current names a folder with the",
                "current releases-NAME.json, from GET /api/v1/tuf/releases-NAME.json."
            })
    static final class Sign extends Verb {
        static final String VARIABLE = "MUSTER_SIGNING_KEY";

        @Parameters(paramLabel = "DIR", description = "From muster release create.")
        private Path folder = Path.of("");

        @Option(names = "--key", paramLabel = "FILE", description = "A key of the component; may be repeated.")
        private List<Path> keys = List.of();

        @Option(
                names = "--current",
                paramLabel = "DIR",
                description = "Folder of the current metadata, instead of a server.")
        private @Nullable Path current;

        @Mixin
        private Expiry expiry = new Expiry();

        @Mixin
        private Believed believed = new Believed();

        @Mixin
        private Passphrases passphrases = new Passphrases();

        @Override
        void run() {
            Bundle bundle = Bundle.read(folder);
            bundle.requireUnchanged();
            List<SigningKey> opened = keys();
            Signing signing = current == null ? believed.signing(root().api()) : believed.signing(current);
            Instant until = expiry.until();
            for (String role : bundle.roles()) {
                signing.sign(bundle, role, opened, until);
                say(role + ".json is signed, until " + until);
            }
            say("next: muster release publish " + folder);
        }

        private List<SigningKey> keys() {
            List<SigningKey> opened = new ArrayList<>();
            keys.forEach(key -> opened.add(ReleaseKeys.opened(key, root(), passphrases)));
            String pem = root().terminal().environment().getOrDefault(VARIABLE, "");
            if (opened.isEmpty() && !pem.isEmpty()) {
                opened.add(KeyFile.parse(pem, VARIABLE, () -> passphrases.existing(root().terminal())));
            }
            if (opened.isEmpty()) {
                throw new CommandFailed(ExitCode.USAGE, "no key to sign with; give --key FILE or " + VARIABLE);
            }
            return opened;
        }
    }

    /** {@code muster release publish DIR}. */
    @Command(
            name = "publish",
            description = "Uploads what the server does not have yet, then publishes; again goes on.",
            footer = {
                "",
                "With --wait, for pipelines: a server that is away meanwhile is waited for, and at the end the release is looked up and",
                "verified as an asset would, from root on. Ends with 0 when an asset would believe it, 3 when it is refused or",
                "quarantined, 5 when the server stayed away, 6 when the time is up."
            })
    static final class Publish extends Verb {
        private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

        @Parameters(paramLabel = "DIR", description = "A signed release.")
        private Path folder = Path.of("");

        @Option(names = "--wait", description = "Until an asset would believe and get it.")
        private boolean wait;

        @Option(
                names = "--timeout",
                defaultValue = "10m",
                paramLabel = "TIME",
                description = "How long it waits (10m).")
        private String timeout = "10m";

        @Option(
                names = "--release-root",
                paramLabel = "SHA256",
                description = "The root that --wait verifies from, as agents pin it; else that which the server names.")
        private @Nullable String releaseRoot;

        @Override
        void run() {
            Duration patience = Times.duration(timeout);
            Bundle bundle = Bundle.read(folder);
            Map<String, byte[]> metadata = bundle.metadata();
            if (metadata.size() < bundle.roles().size()) {
                throw new CommandFailed(
                        ExitCode.REFUSED, bundle.name() + " is not signed; muster release sign " + folder + " --key …");
            }
            bundle.requireUnchanged();
            Waiting waiting = new Waiting(patience, LONGEST_PAUSE);
            JsonNode published = wait
                    ? waiting.until(bundle.name() + " is not published", () -> Optional.of(publish(bundle, metadata)))
                    : publish(bundle, metadata);
            Verifying verifying = new Verifying(root().api(), releaseRoot);
            if (wait) {
                waiting.until(
                        bundle.name() + " is not to be had yet",
                        () -> verifying.isReady(bundle) ? Optional.of(true) : Optional.empty());
            }
            if (!root().printer().isTable()) {
                root().printer().one(published);
                return;
            }
            if (published.path("releases").isEmpty()) {
                say(bundle.name() + " was published before");
            }
            published.path("releases").forEach(name -> say(name.asString("") + " published"));
            if (wait) {
                say(bundle.name() + " is verified from the root " + verifying.pin() + " on");
            }
        }

        private JsonNode publish(Bundle bundle, Map<String, byte[]> metadata) {
            long total = bundle.entries().stream()
                    .mapToLong(entry -> entry.file().length())
                    .sum();
            ProgressBar bar = new ProgressBar(root().terminal(), "uploading");
            try {
                Upload upload = new Upload(root().api(), bar, total);
                bundle.entries().forEach(entry -> upload.send(entry.file(), entry.source()));
            } finally {
                bar.end();
            }
            return ReleaseKeys.publish(root().api(), metadata);
        }
    }

    /** {@code muster release list}. */
    @Command(name = "list", description = "Lists releases, the newest publication first.")
    static final class ListAll extends Verb {
        @Option(names = "--component", paramLabel = "NAME", description = "Only of this component.")
        private @Nullable String component;

        @Option(names = "--status", paramLabel = "STATUS", description = "published or quarantined.")
        private @Nullable String status;

        @Option(
                names = "--limit",
                defaultValue = "0",
                paramLabel = "N",
                description = "At most so many; all without it.")
        private int limit;

        @Override
        void run() {
            Query query = Query.of("releases").with("component", component).with("status", status);
            root().printer()
                    .list(
                            Kind.RELEASES.columns(Instant.now()),
                            "no releases",
                            page -> Pages.each(root().api(), query, limit, page));
        }
    }

    /** {@code muster release show NAME}. */
    @Command(name = "show", description = "Shows a release and its files.")
    static final class Show extends Verb {
        @Parameters(paramLabel = "NAME@VERSION", description = "For example app@1.5.0.")
        private String name = "";

        @Override
        void run() {
            JsonNode release = root().api().get(Query.of("releases", name));
            if (!root().printer().isTable()) {
                root().printer().one(release);
                return;
            }
            say(release.path("name").asString("") + "  "
                    + release.path("status").asString("") + " since "
                    + release.path("statusSince").asString("")
                    + (release.path("reason").asString("").isEmpty()
                            ? ""
                            : ": " + release.path("reason").asString("")));
            say("published " + release.path("publishedAt").asString("") + " by "
                    + release.path("publishedBy").asString(""));
            release.path("components")
                    .forEachEntry((component, version) -> say("component " + component + "@" + version.asString("")));
            ReleaseSupply.lines(release).forEach(said -> say(said));
            List<Column> columns = List.of(
                    Column.of("FILE", "path"),
                    Column.of("KIND", "kind"),
                    Column.of("SIZE", "size"),
                    Column.of("HARDWARE", "hardware"),
                    Column.of("COMPATIBILITY", "compatibility"),
                    Column.of("SHA256", "sha256"));
            List<JsonNode> files = new ArrayList<>();
            release.path("files").forEach(files::add);
            new Table(root().terminal(), columns.stream().map(Column::title).toList())
                    .print(files.stream()
                            .map(file -> columns.stream()
                                    .map(column -> column.value().apply(file))
                                    .toList())
                            .toList());
            root().terminal().out().flush();
        }
    }

    /** {@code muster release quarantine NAME --reason TEXT}. */
    @Command(name = "quarantine", description = "Gives a release to no asset any more, at once.")
    static final class Quarantine extends Decision {
        @Override
        void run() {
            decide("quarantine");
        }
    }

    /** {@code muster release release NAME --reason TEXT}. */
    @Command(name = "release", description = "Ends the quarantine of a release.")
    static final class EndQuarantine extends Decision {
        @Override
        void run() {
            decide("release");
        }
    }

    abstract static class Decision extends Verb {
        @Parameters(paramLabel = "NAME@VERSION", description = "For example app@1.5.0.")
        private String name = "";

        @Option(
                names = "--reason",
                required = true,
                paramLabel = "TEXT",
                description = "Shown to everybody who asks why.")
        private String reason = "";

        void decide(String verb) {
            ObjectNode body = Api.JSON.createObjectNode().put("reason", reason);
            JsonNode release = root().api().post(Query.of("releases", name, verb), body);
            say(name + " is " + release.path("status").asString(""));
        }
    }

    /** {@code muster release prune}. */
    @Command(
            name = "prune",
            description = "Removes artifacts of old releases that no asset runs, ran before or may go back to.")
    static final class Prune extends Verb {
        @Option(names = "--keep", defaultValue = "5", paramLabel = "N", description = "Newest versions that stay (5).")
        private int keep;

        @Option(
                names = "--older-than",
                defaultValue = "90d",
                paramLabel = "TIME",
                description = "Younger ones stay (90d).")
        private String olderThan = "90d";

        @Option(names = "--dry-run", description = "Only tells what would go.")
        private boolean dryRun;

        @Override
        void run() {
            Times.duration(olderThan);
            ObjectNode body = Api.JSON
                    .createObjectNode()
                    .put("keep", keep)
                    .put("olderThan", olderThan)
                    .put("dryRun", dryRun);
            JsonNode outcome = root().api().post(Query.of("releases", "prune"), body);
            if (!root().printer().isTable()) {
                root().printer().one(outcome);
                return;
            }
            outcome.path("kept").forEachEntry((name, why) -> say(name + " stays: " + why.asString("")));
            outcome.path("pruned").forEach(name -> say(name.asString("") + (dryRun ? " would go" : " is removed")));
            say(outcome.path("freedBytes").asLong(0) + " bytes freed");
        }
    }
}
