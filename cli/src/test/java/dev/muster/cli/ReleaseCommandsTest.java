package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.provenance.Envelope;
import dev.muster.protocol.provenance.Statement;
import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.MetadataReader;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TrustedMetadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code muster release …}: keys, bundles and signatures on this machine. */
class ReleaseCommandsTest {
    private static final String PASSPHRASE = "correct horse battery";
    private static final SigningKey SNAPSHOT = SigningKey.ofSeed(new byte[32]);
    private static final SigningKey TIMESTAMP = SigningKey.ofSeed(seed(1));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer()
                .answers(
                        "GET /api/v1/tuf",
                        200,
                        "{\"roles\":[],\"onlineKeys\":{\"snapshot\":{\"publicKey\":\"%s\"},\"timestamp\":{\"publicKey\":\"%s\"}}}"
                                .formatted(
                                        SNAPSHOT.publicKey().publicKey(),
                                        TIMESTAMP.publicKey().publicKey()))
                .answers("GET /api/v1/tuf/", 404, "{\"detail\":\"there is no metadata file of this name\"}")
                .answers("POST /api/v1/tuf", 200, "{\"metadata\":[],\"releases\":[]}");
        Files.writeString(directory.resolve("app.tar.gz"), "the application");
        Files.writeString(directory.resolve("NOTES.md"), "notes");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void encryptedKeysOpenWithTheirPassphraseOnly() {
        muster("release", "keys", "init", "--out", path("keys"));
        created("app@1.5.0", "--artifact", path("app.tar.gz"));
        String[] sign = {"release", "sign", path("bundle"), "--key", path("keys/root.key")};

        Cli.Result signed = muster(sign);
        Cli.Result wrong =
                cli().with("MUSTER_KEY_PASSPHRASE", "another passphrase").run(sign);
        Cli.Result none = Cli.at(server).run(sign);

        assertThat(signed.code()).as(signed.err()).isZero();
        assertThat(wrong.err())
                .isEqualTo("muster: cannot open the key " + path("keys/root.key")
                        + ": the passphrase is wrong, or the file is damaged\n");
        assertThat(none.err())
                .startsWith("muster: the keys need a passphrase: give --passphrase-file or MUSTER_KEY_PASSPHRASE");
    }

    @Test
    void initMakesEncryptedKeysAndPublishesARootThatVerifies() throws Exception {
        Cli.Result result = muster("release", "keys", "init", "--out", path("keys"), "--component", "app");

        assertThat(result.code()).as(result.err()).isZero();
        Map<String, String> posted = posted();
        assertThat(posted).containsOnlyKeys("root", "targets", "releases-app");
        byte[] root = bytes(posted, "root");
        Metadata.Root trusted =
                TrustedMetadata.startingWith(root, Instant.now()).root();
        assertThat(trusted.version()).isEqualTo(1);
        assertThat(trusted.keysOf(Metadata.TopRole.SNAPSHOT)).isEqualTo(RoleKeys.of(SNAPSHOT.publicKey()));
        SignedDocument targets = SignedDocument.parse(bytes(posted, "targets"), "targets.json");
        targets.requireSignedBy(trusted.keysOf(Metadata.TopRole.TARGETS), "root");
        Metadata.Delegation delegation =
                MetadataReader.targets(targets).delegations().getFirst();
        assertThat(delegation.paths()).containsExactly("app/*/*");
        SignedDocument.parse(bytes(posted, "releases-app"), "releases-app.json")
                .requireSignedBy(delegation.keys(), "targets");
        assertThat(result.out()).contains("--release-root=" + Sha256.of(root)).doesNotContain("PRIVATE", PASSPHRASE);
        for (String key : List.of("root", "targets", "releases-app")) {
            Path file = directory.resolve("keys").resolve(key + ".key");
            assertThat(Files.readString(file)).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
        assertThat(muster("release", "keys", "init", "--out", path("keys"), "--plain")
                        .err())
                .isEqualTo("muster: there is a key in " + path("keys/root.key") + " already; give another folder\n");
    }

    @Test
    void aReleaseIsSignedAndSaysWhatWasWrittenDown() throws Exception {
        keys("app");
        created(
                "app@1.5.0",
                "--artifact",
                path("app.tar.gz") + "=rpi4,rpi5",
                "--compatibility",
                "asset.region == 'eu'",
                "--notes",
                path("NOTES.md"));

        Cli.Result signed = muster("release", "sign", path("bundle"), "--key", path("keys/releases-app.key"));

        assertThat(signed.code()).as(signed.err()).isZero();
        Metadata.Targets targets = targets("bundle/metadata/releases-app.json");
        assertThat(targets.version()).isEqualTo(1);
        assertThat(targets.file("app/1.5.0/app.tar.gz"))
                .contains(new TargetFile(
                        "app/1.5.0/app.tar.gz",
                        15,
                        Sha256.of("the application".getBytes(StandardCharsets.UTF_8)),
                        new TargetFile.Custom(
                                TargetFile.Kind.ARTIFACT,
                                "app",
                                "1.5.0",
                                List.of("rpi4", "rpi5"),
                                "asset.region == 'eu'",
                                Map.of())));
        assertThat(targets.file("app/1.5.0/NOTES.md").orElseThrow().custom().kind())
                .isEqualTo(TargetFile.Kind.NOTES);
    }

    @Test
    void severalComponentsBecomeASet() throws Exception {
        keys("app");
        Files.writeString(directory.resolve("release.yaml"), """
                name: line-a
                version: "2026.11"
                components:
                  app:
                    version: "1.5.0"
                    compatibility: asset.region == 'eu'
                    artifacts: [{file: app.tar.gz, hardware: rpi4, compatibility: "asset.site == 'a'"}]
                  os: "3.1"
                """);

        Cli.Result created = muster("release", "create", "--file", path("release.yaml"), "--out", path("bundle"));
        Cli.Result signed = muster("release", "sign", path("bundle"), "--key", path("keys/releases-app.key"));

        assertThat(created.err() + signed.err()).isEmpty();
        assertThat(targets("bundle/metadata/releases-line-a.json")
                        .file("line-a/2026.11/components.json")
                        .orElseThrow()
                        .custom()
                        .components())
                .isEqualTo(Map.of("app", "1.5.0", "os", "3.1"));
        assertThat(targets("bundle/metadata/releases-app.json")
                        .file("app/1.5.0/app.tar.gz")
                        .orElseThrow()
                        .custom()
                        .compatibility())
                .isEqualTo("(asset.region == 'eu') && (asset.site == 'a')");
    }

    @Test
    void aVersionThatYamlReadsAsANumberIsRefused() throws Exception {
        Files.writeString(
                directory.resolve("release.yaml"), "{name: app, version: 1.10, artifacts: [{file: app.tar.gz}]}");

        assertThat(muster("release", "create", "--file", path("release.yaml"), "--out", path("bundle"))
                        .err())
                .isEqualTo("muster: " + path("release.yaml")
                        + " version is 1.1, a number with a fraction; put it in quotes\n");
    }

    @Test
    void aFileThatChangedSinceItWasWrittenDownIsNotSigned() throws Exception {
        keys("app");
        created("app@1.5.0", "--artifact", path("app.tar.gz"));
        Files.writeString(directory.resolve("app.tar.gz"), "another application");

        Cli.Result result = muster("release", "sign", path("bundle"), "--key", path("keys/releases-app.key"));

        assertThat(result.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(result.err()).contains("app.tar.gz has changed since ").contains("create the release again");
    }

    @Test
    void whatAnotherKeySignedIsNotSignedAlong() throws Exception {
        keys("app");
        created("app@1.5.0", "--artifact", path("app.tar.gz"));
        SigningKey stranger = SigningKey.ofSeed(seed(7));
        byte[] foreign = SignedDocument.sign(
                        new Metadata.Targets(4, Instant.now().plusSeconds(60), Map.of(), List.of()).signed(),
                        "releases-app.json",
                        List.of(stranger))
                .bytes();
        Files.createDirectories(directory.resolve("current"));
        Files.write(directory.resolve("current/releases-app.json"), foreign);
        String[] sign = {
            "release", "sign", path("bundle"), "--key", path("keys/releases-app.key"), "--current", path("current")
        };

        Cli.Result refused = muster(sign);

        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(refused.err())
                .startsWith(
                        "muster: the current releases-app.json was signed by no key that is given, so what it says is not"
                                + " signed along")
                .endsWith("compare the metadata, then give --believe " + Sha256.of(foreign) + "\n");
        Cli.Result believed = muster(
                "release",
                "sign",
                path("bundle"),
                "--key",
                path("keys/releases-app.key"),
                "--current",
                path("current"),
                "--believe",
                Sha256.of(foreign));
        assertThat(believed.code()).as(believed.err()).isZero();
        assertThat(targets("bundle/metadata/releases-app.json").version()).isEqualTo(5);
    }

    @Test
    void aSecondSignerAddsItsSignature() throws Exception {
        keys("app");
        keys("os"); // any other key
        created("app@1.5.0", "--artifact", path("app.tar.gz"));
        muster("release", "sign", path("bundle"), "--key", path("keys/releases-app.key"));

        Cli.Result second = muster("release", "sign", path("bundle"), "--key", path("keys-os/releases-os.key"));

        assertThat(second.code()).as(second.err()).isZero();
        JsonNode document = JsonMapper.shared()
                .readTree(Files.readAllBytes(directory.resolve("bundle/metadata/releases-app.json")));
        assertThat(document.path("signatures").size()).isEqualTo(2);
    }

    @Test
    void theKeyOfACiComesFromItsEnvironment() throws Exception {
        keys("app");
        created("app@1.5.0", "--artifact", path("app.tar.gz"));
        String pem = Files.readString(directory.resolve("keys/releases-app.key"));

        Cli.Result signed = cli().with("MUSTER_SIGNING_KEY", pem).run("release", "sign", path("bundle"));
        Cli.Result none = muster("release", "sign", path("bundle"));

        assertThat(signed.code()).as(signed.err()).isZero();
        assertThat(none.err()).isEqualTo("muster: no key to sign with; give --key FILE or MUSTER_SIGNING_KEY\n");
    }

    @Test
    void otherKeysForRootNeedTheOldAndTheNewThreshold() throws Exception {
        keys("app");
        keys("os"); // of whom root.key is a stranger to app's root
        byte[] first = bytes(posted(), "root");
        server.answers("GET /api/v1/tuf/root.json", 200, new String(first, StandardCharsets.UTF_8));
        String other = publicKey("keys-os/root.key");

        Cli.Result rotated = muster(
                "release",
                "keys",
                "rotate",
                "root",
                "--public-key",
                publicKey("keys/root.key"),
                "--public-key",
                other,
                "--new",
                path("third.key"),
                "--plain",
                "--threshold",
                "2",
                "--key",
                path("keys-os/targets.key"),
                "--key",
                path("keys/root.key"),
                "--draft",
                path("draft"));

        assertThat(rotated.code()).as(rotated.err()).isZero();
        Metadata.Root next = MetadataReader.root(
                SignedDocument.parse(Files.readAllBytes(directory.resolve("draft/root.json")), "root.json"));
        assertThat(next.version()).isEqualTo(2);
        assertThat(next.keysOf(Metadata.TopRole.ROOT).threshold()).isEqualTo(2);
        assertThat(next.keysOf(Metadata.TopRole.ROOT).keys()).hasSize(3);
        assertThat(rotated.out()).contains("next: muster release keys publish " + path("draft")); // of old and new, two
        // with the signature of the old root alone it is not enough
        Cli.Result alone = muster(
                "release",
                "keys",
                "rotate",
                "root",
                "--public-key",
                publicKey("keys/root.key"),
                "--public-key",
                other,
                "--threshold",
                "2",
                "--key",
                path("keys/root.key"),
                "--draft",
                path("alone"));
        assertThat(alone.out()).contains("missing: 2.root.json is not signed by itself: 1 good signature of its keys");
        Cli.Result early = muster("release", "keys", "publish", path("alone"));
        assertThat(early.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(early.err()).startsWith("muster: 2.root.json is not signed by itself: 1 good signature");
        Cli.Result stranger = muster("release", "keys", "sign", path("alone"), "--key", path("keys-os/targets.key"));
        assertThat(stranger.err())
                .isEqualTo(
                        "muster: none of these keys counts for what is in " + path("alone") + "; nothing is signed\n");
        server.requests.clear();
        Cli.Result second = muster("release", "keys", "sign", path("alone"), "--key", path("keys-os/root.key"));
        assertThat(second.out()).startsWith("root.json signed\n").doesNotContain("missing");
        assertThat(server.requests).isEmpty(); // a signer needs no server
        assertThat(muster("release", "keys", "publish", path("alone")).code()).isZero();
        assertThat(TrustedMetadata.startingWith(first, Instant.now())
                        .withRoot(bytes(posted(), "root"))
                        .root()
                        .version())
                .isEqualTo(2);
    }

    @Test
    void otherKeysForTargetsComeWithTargetsSignedAnew() throws Exception {
        keys("app");
        Map<String, String> posted = posted();
        server.answers("GET /api/v1/tuf/root.json", 200, String.valueOf(posted.get("root")))
                .answers("GET /api/v1/tuf/targets.json", 200, String.valueOf(posted.get("targets")));

        Cli.Result rotated = muster(
                "release",
                "keys",
                "rotate",
                "targets",
                "--new",
                path("targets2.key"),
                "--plain",
                "--key",
                path("keys/root.key"),
                "--draft",
                path("draft"));

        assertThat(rotated.err()).isEmpty();
        Metadata.Root next = TrustedMetadata.startingWith(bytes(posted, "root"), Instant.now())
                .withRoot(Files.readAllBytes(directory.resolve("draft/root.json")))
                .root();
        SignedDocument targets =
                SignedDocument.parse(Files.readAllBytes(directory.resolve("draft/targets.json")), "targets.json");
        targets.requireSignedBy(next.keysOf(Metadata.TopRole.TARGETS), "the new root");
        assertThat(MetadataReader.targets(targets).version()).isEqualTo(2);
        assertThat(MetadataReader.targets(targets).delegations())
                .isEqualTo(MetadataReader.targets(SignedDocument.parse(bytes(posted, "targets"), "targets.json"))
                        .delegations());
        assertThat(muster("release", "keys", "rotate", "snapshot", "--key", path("keys/root.key"), "--draft", path("x"))
                        .err())
                .startsWith("muster: there are no keys of \"snapshot\" to replace; allowed are root and targets");
    }

    private String publicKey(String file) throws Exception {
        return dev.muster.cli.release.KeyFile.read(directory.resolve(file), () -> new char[0])
                .publicKey()
                .publicKey();
    }

    @Test
    void aBuildIsAttestedFromTheEnvironmentOfTheJob() throws Exception {
        keys("app");
        String[] attest = {"release", "attest", path("app.tar.gz"), "--out", path("build.jsonl")};
        Cli github = cli().with("MUSTER_PROVENANCE_KEY", Files.readString(directory.resolve("keys/releases-app.key")))
                .with("GITHUB_ACTIONS", "true")
                .with("GITHUB_SERVER_URL", "https://github.com")
                .with("GITHUB_REPOSITORY", "acme/app")
                .with("GITHUB_SHA", "c0ffee")
                .with("GITHUB_RUN_ID", "7")
                .with("RUNNER_ENVIRONMENT", "github-hosted");

        Cli.Result attested = github.run(attest);

        assertThat(attested.code()).as(attested.err()).isZero();
        Envelope envelope = Envelope.parse(Files.readAllBytes(directory.resolve("build.jsonl")))
                .getFirst();
        assertThat(Statement.of(envelope))
                .isEqualTo(new Statement(
                        List.of(new Statement.Subject(
                                "app.tar.gz", Sha256.of("the application".getBytes(StandardCharsets.UTF_8)))),
                        "https://github.com/actions/runner/github-hosted",
                        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
                        "git+https://github.com/acme/app",
                        "c0ffee",
                        "https://github.com/acme/app/actions/runs/7"));
        assertThat(muster(attest).err())
                .isEqualTo(
                        "muster: give --builder; only in GitHub Actions and GitLab CI it is found in the environment\n");
    }

    @Test
    void whatIsPublishedAndWouldNotBeBelievedIsNoSuccess() throws Exception {
        keys("app");
        Map<String, String> first = posted();
        created("app@1.5.0", "--artifact", path("app.tar.gz"));
        muster("release", "sign", path("bundle"), "--key", path("keys/releases-app.key"));
        String[] publish = {"release", "publish", path("bundle"), "--wait", "--timeout", "1ms"};
        String root = String.valueOf(first.get("root"));
        server.answers("GET /api/v1/artifacts/", 200, "{\"size\":15,\"complete\":true}")
                .answers("GET /api/v1/tuf", 200, "{\"rootSha256\":\"" + Sha256.of(bytes(first, "root")) + "\"}")
                .answers("GET /api/v1/releases/app@1.5.0", 200, "{\"status\":\"quarantined\",\"reason\":\"bricks\"}");

        Cli.Result quarantined = muster(publish);

        assertThat(quarantined.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(quarantined.err()).isEqualTo("muster: app@1.5.0 is quarantined: bricks\n");
        server.answers("GET /api/v1/releases/app@1.5.0", 200, "{\"status\":\"published\"}")
                .answers("GET /api/v1/tuf/1.root.json", 200, root)
                .answers("GET /api/v1/tuf/timestamp.json", 200, root);
        Cli.Result forged = muster(publish);
        assertThat(forged.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(forged.err())
                .isEqualTo(
                        "muster: an asset would not believe app@1.5.0: timestamp.json is of type \"root\", not timestamp\n");
        Cli.Result otherRoot = muster(
                "release", "publish", path("bundle"), "--wait", "--timeout", "1ms", "--release-root", "0".repeat(64));
        assertThat(otherRoot.err()).contains("the server has no root.json with the pinned SHA-256 " + "0".repeat(64));
        assertThat(otherRoot.code()).isEqualTo(ExitCode.REFUSED.code());
    }

    @Test
    void whatContainsAComponentIsAsked() {
        server.answers("GET /api/v1/sbom-components", 200, """
                {"items":[{"release":"app@1.5.0","status":"published","assets":41,
                 "component":{"group":"org.apache","name":"log4j-core","version":"2.14.1"}}]}
                """);
        Cli.Result found = muster("release", "contains", "org.apache:log4j-core@2.14.1");
        assertThat(found.out()).isEqualTo("""
                        RELEASE    STATUS     ASSETS  COMPONENT
                        app@1.5.0  published  41      org.apache:log4j-core@2.14.1
                        """);
        assertThat(server.requests)
                .last()
                .extracting(FakeServer.Request::line)
                .isEqualTo("GET /api/v1/sbom-components?name=org.apache:log4j-core&version=2.14.1&limit=1000");
    }

    @Test
    void whatIsNotSignedIsNotPublished() {
        created("app@1.5.0", "--artifact", path("app.tar.gz"));

        Cli.Result result = muster("release", "publish", path("bundle"));

        assertThat(result.code()).isEqualTo(ExitCode.REFUSED.code());
        assertThat(result.err())
                .isEqualTo("muster: app@1.5.0 is not signed; muster release sign " + path("bundle") + " --key …\n");
    }

    @Test
    void theNameOfAReleaseIsChecked() {
        assertThat(muster("release", "create", "app", "--artifact", path("app.tar.gz"))
                        .err())
                .isEqualTo("muster: \"app\" is no name of a release; write app@1.5.0\n");
        assertThat(muster("release", "create").err())
                .isEqualTo("muster: give either NAME@VERSION with --artifact, or --file release.yaml\n");
        assertThat(muster(
                                "release",
                                "create",
                                "app@1",
                                "--artifact",
                                path("app.tar.gz"),
                                "--compatibility",
                                "true &&\ntrue")
                        .err())
                .isEqualTo(
                        "muster: the compatibility of app.tar.gz has a line break or another control character; write it"
                                + " on one line, in YAML with >-\n");
        assertThat(muster("release", "keys", "init", "--out", path("k"), "--component", "App")
                        .err())
                .startsWith("muster: \"App\" is no name of a component");
    }

    private void keys(String component) {
        String folder = path(component.equals("app") ? "keys" : "keys-" + component);
        Cli.Result result = muster("release", "keys", "init", "--out", folder, "--component", component, "--plain");
        assertThat(result.code()).as(result.err()).isZero();
    }

    private void created(String name, String... options) {
        String[] all = new String[options.length + 5];
        System.arraycopy(new String[] {"release", "create", name, "--out", path("bundle")}, 0, all, 0, 5);
        System.arraycopy(options, 0, all, 5, options.length);
        Cli.Result result = muster(all);
        assertThat(result.code()).as(result.err()).isZero();
    }

    private Metadata.Targets targets(String file) throws Exception {
        return MetadataReader.targets(SignedDocument.parse(Files.readAllBytes(directory.resolve(file)), file));
    }

    private Map<String, String> posted() {
        FakeServer.Request post = server.requests.stream()
                .filter(request -> request.line().equals("POST /api/v1/tuf"))
                .findFirst()
                .orElseThrow();
        Map<String, String> documents = new HashMap<>();
        JsonMapper.shared()
                .readTree(post.body())
                .path("metadata")
                .forEachEntry((role, document) -> documents.put(role, document.asString("")));
        return documents;
    }

    private static byte[] bytes(Map<String, String> documents, String role) {
        return String.valueOf(documents.get(role)).getBytes(StandardCharsets.UTF_8);
    }

    private Cli cli() {
        return Cli.at(server).with("MUSTER_KEY_PASSPHRASE", PASSPHRASE);
    }

    private Cli.Result muster(String... args) {
        return cli().run(args);
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    private static byte[] seed(int first) {
        byte[] seed = new byte[32];
        seed[0] = (byte) first;
        return seed;
    }
}
