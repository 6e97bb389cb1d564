package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.output.Column;
import dev.muster.cli.release.KeyFile;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Pages;
import dev.muster.cli.rest.Query;
import dev.muster.protocol.provenance.Envelope;
import dev.muster.protocol.provenance.Statement;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SigningKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code muster release attest, sbom, provenance, contains}: what releases are made of, and how they were built. */
final class ReleaseSupply {
    private ReleaseSupply() {}

    /** {@code muster release attest FILE… --out FILE}. */
    @Command(
            name = "attest",
            description =
                    "Writes and signs how files were built: SLSA provenance 1 in a DSSE envelope. Needs no server.",
            footer = {
                "",
                "In GitHub Actions and GitLab CI builder, source, revision and invocation come from the environment of the job.",
                "The key may also come as PEM in MUSTER_PROVENANCE_KEY; release-provenance-keys of the server takes its public half:",
                "  openssl pkey -in provenance.key -pubout -out provenance.pub"
            })
    static final class Attest extends Verb {
        static final String VARIABLE = "MUSTER_PROVENANCE_KEY";

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "What was built.")
        private List<Path> files = List.of();

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where it is written.")
        private Path out = Path.of("");

        @Option(names = "--key", paramLabel = "FILE", description = "To sign with: Ed25519.")
        private @Nullable Path key;

        @Option(names = "--builder", paramLabel = "URI", description = "What built it.")
        private @Nullable String builder;

        @Option(names = "--build-type", paramLabel = "URI", description = "How parameters are to be understood.")
        private @Nullable String buildType;

        @Option(names = "--source", paramLabel = "URI", description = "What it was built from: git+https://…")
        private @Nullable String source;

        @Option(names = "--revision", paramLabel = "COMMIT", description = "Of the source.")
        private @Nullable String revision;

        @Option(names = "--invocation", paramLabel = "URI", description = "The run of the builder.")
        private @Nullable String invocation;

        @Option(names = "--parameter", paramLabel = "NAME=VALUE", description = "Of the build; may be repeated.")
        private Map<String, String> parameters = Map.of();

        @Mixin
        private Passphrases passphrases = new Passphrases();

        @Override
        void run() {
            BuildEnvironment found = BuildEnvironment.of(root().terminal().environment());
            Statement statement = new Statement(
                    files.stream().map(Attest::subject).toList(),
                    required("--builder", builder, found.builder()),
                    required("--build-type", buildType, found.buildType()),
                    either(source, found.source()),
                    either(revision, found.revision()),
                    either(invocation, found.invocation()));
            ObjectNode chosen = Api.JSON.createObjectNode();
            parameters.forEach(chosen::put);
            String envelope = Envelope.sign(Envelope.IN_TOTO, statement.bytes(chosen), opened());
            try {
                Files.writeString(out, envelope + "\n");
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.FAILED, "cannot write " + out + ": " + e.getMessage());
            }
            say(out + " says that " + statement.builder() + " built "
                    + String.join(
                            ", ",
                            statement.subjects().stream()
                                    .map(Statement.Subject::name)
                                    .toList()));
        }

        private static Statement.Subject subject(Path file) {
            try (InputStream in = Files.newInputStream(file)) {
                return new Statement.Subject(String.valueOf(file.getFileName()), Sha256.of(in));
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.USAGE, "cannot read " + file + ": " + e.getMessage());
            }
        }

        private static String required(String option, @Nullable String given, @Nullable String found) {
            String value = either(given, found);
            if (value == null) {
                throw new CommandFailed(
                        ExitCode.USAGE,
                        "give " + option + "; only in GitHub Actions and GitLab CI it is found in the environment");
            }
            return value;
        }

        private static @Nullable String either(@Nullable String given, @Nullable String found) {
            return given == null ? found : given;
        }

        private SigningKey opened() {
            if (key != null) {
                return ReleaseKeys.opened(key, root(), passphrases);
            }
            String pem = root().terminal().environment().getOrDefault(VARIABLE, "");
            if (pem.isEmpty()) {
                throw new CommandFailed(ExitCode.USAGE, "no key to sign with; give --key FILE or " + VARIABLE);
            }
            return KeyFile.parse(pem, VARIABLE, () -> passphrases.existing(root().terminal()));
        }
    }

    /** What a CI says of the job in which it runs. Each part is null where it does not. */
    record BuildEnvironment(
            @Nullable String builder,
            @Nullable String buildType,
            @Nullable String source,
            @Nullable String revision,
            @Nullable String invocation) {

        static BuildEnvironment of(Map<String, String> environment) {
            if ("true".equals(environment.get("GITHUB_ACTIONS"))) {
                String repository = environment.get("GITHUB_SERVER_URL") + "/" + environment.get("GITHUB_REPOSITORY");
                return new BuildEnvironment(
                        environment.get("GITHUB_SERVER_URL") + "/actions/runner/"
                                + environment.getOrDefault("RUNNER_ENVIRONMENT", "self-hosted"),
                        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
                        "git+" + repository,
                        environment.get("GITHUB_SHA"),
                        repository + "/actions/runs/" + environment.get("GITHUB_RUN_ID"));
            }
            if ("true".equals(environment.get("GITLAB_CI"))) {
                return new BuildEnvironment(
                        environment.get("CI_SERVER_URL") + "/-/runners/" + environment.get("CI_RUNNER_ID"),
                        environment.get("CI_SERVER_URL") + "/gitlab-ci/v1",
                        "git+" + environment.get("CI_PROJECT_URL"),
                        environment.get("CI_COMMIT_SHA"),
                        environment.get("CI_JOB_URL"));
            }
            return new BuildEnvironment(null, null, null, null, null);
        }
    }

    /** What {@code release show} says of them. */
    static List<String> lines(JsonNode release) {
        List<String> lines = new ArrayList<>();
        int components = release.path("sbomComponents").asInt(0);
        if (components > 0) {
            lines.add("made of " + components + " components, as its SBOM says");
        }
        for (JsonNode built : release.path("builds")) {
            String source = built.path("source").asString("");
            String revision = built.path("revision").asString("");
            String signer = built.path("signedBy").asString("");
            lines.add("built by " + built.path("builder").asString("")
                    + (source.isEmpty() ? "" : " from " + source)
                    + (revision.isEmpty() ? "" : "@" + revision)
                    + (signer.isEmpty()
                            ? ", whose signature was not looked at: release-provenance-keys is not set"
                            : ", signed by key " + signer.substring(0, Math.min(8, signer.length()))));
        }
        return lines;
    }

    /** {@code muster release sbom NAME}. */
    @Command(name = "sbom", description = "Prints the SBOM of a release as it was published.")
    static final class SbomOf extends Document {
        @Override
        void run() {
            print("sbom");
        }
    }

    /** {@code muster release provenance NAME}. */
    @Command(name = "provenance", description = "Prints the provenance of a release as it was published.")
    static final class ProvenanceOf extends Document {
        @Override
        void run() {
            print("provenance");
        }
    }

    abstract static class Document extends Verb {
        @Parameters(paramLabel = "NAME@VERSION", description = "For example app@1.5.0.")
        private String name = "";

        @Option(names = "--file", paramLabel = "FILE", description = "Which one, where a release has several.")
        private @Nullable String file;

        void print(String what) {
            try (InputStream in =
                    root().api().stream(Query.of("releases", name, what).with("file", file))) {
                root().terminal().out().print(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                root().terminal().out().flush();
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.UNREACHABLE, "reading from the server broke off: " + e.getMessage());
            }
        }
    }

    /** {@code muster release contains COMPONENT[@VERSION]}. */
    @Command(
            name = "contains",
            description = "Tells which releases contain a component, and how many assets run them.",
            footer = {
                "",
                "  muster release contains log4j-core@2.14.1",
                "  muster release contains org.apache.logging.log4j:log4j-core",
                "  muster release contains pkg:npm/%40scope/name@1.2.3"
            })
    static final class Contains extends Verb {
        @Parameters(paramLabel = "COMPONENT[@VERSION]", description = "A name, group:name, or a package URL.")
        private String component = "";

        @Option(names = "--limit", defaultValue = "0", paramLabel = "N", description = "At most so many.")
        private int limit;

        @Override
        void run() {
            Query query = Query.of("sbom-components");
            if (component.startsWith("pkg:")) {
                query = query.with("purl", component);
            } else {
                int at = component.lastIndexOf('@');
                query = at > 0
                        ? query.with("name", component.substring(0, at)).with("version", component.substring(at + 1))
                        : query.with("name", component);
            }
            Query asked = query;
            root().printer()
                    .list(
                            List.of(
                                    Column.of("RELEASE", "release"),
                                    Column.of("STATUS", "status"),
                                    Column.of("ASSETS", "assets"),
                                    new Column("COMPONENT", false, one -> named(one.path("component"))),
                                    Column.wide("PURL", "component.purl"),
                                    Column.wide("SELECTOR", "selector")),
                            "no release contains " + component + ", as far as SBOMs tell",
                            page -> Pages.each(root().api(), asked, limit, page));
        }

        private static String named(JsonNode component) {
            String group = component.path("group").asString("");
            return (group.isEmpty() ? "" : group + ":") + component.path("name").asString("") + "@"
                    + component.path("version").asString("");
        }
    }
}
