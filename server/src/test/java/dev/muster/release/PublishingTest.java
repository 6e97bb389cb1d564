package dev.muster.release;

import static dev.muster.release.Signers.artifact;
import static dev.muster.release.Signers.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.ZstdInputStream;
import dev.muster.audit.AuditLog;
import dev.muster.gateway.port.Artifacts;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.pki.TestSealedKeys;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.platform.lease.Lease;
import dev.muster.platform.lease.Leases;
import dev.muster.platform.page.PageRequest;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.delta.DeltaPatch;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.UpdateClient;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.Selectors;
import dev.muster.release.Publishing.Published;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.artifact.PackedArtifacts;
import dev.muster.release.metadata.SignedRepository;
import dev.muster.release.supply.Sbom;
import dev.muster.release.supply.Supply;
import dev.muster.release.supply.SupplyStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** From signed metadata to releases, against PostgreSQL: what is refused, in which words, and what assets then see. */
class PublishingTest {
    private static final Actor CI = new Actor("ci", ActorKind.TOKEN, Role.OPERATOR, Scope.ALL);
    private static final Actor ADMIN = new Actor("anna", ActorKind.TOKEN, Role.ADMIN, Scope.ALL);
    private static final byte[] V1 = "app 1".getBytes(StandardCharsets.UTF_8);
    private static final byte[] V2 = "app 2, longer".getBytes(StandardCharsets.UTF_8);
    private static final byte[] OS = "os 3".getBytes(StandardCharsets.UTF_8);
    private static final TargetFile APP1 = artifact("app", "1.0.0", V1, "asset.region == 'eu'", "rpi4");
    private static final TargetFile APP2 = artifact("app", "2.0.0", V2, "");
    private static final TargetFile OS3 = artifact("os", "3", OS, "");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final MovedClock clock = new MovedClock();
    private final Map<ReleaseName, String> needed = new HashMap<>();

    @SuppressWarnings("NullAway.Init")
    private JdbcClient jdbc;

    @SuppressWarnings("NullAway.Init")
    private JdbcTransactionManager transactions;

    @SuppressWarnings("NullAway.Init")
    private SignedRepository repository;

    @SuppressWarnings("NullAway.Init")
    private ArtifactStore artifacts;

    @SuppressWarnings("NullAway.Init")
    private ReleaseStore store;

    @SuppressWarnings("NullAway.Init")
    private Publishing publishing;

    @SuppressWarnings("NullAway.Init")
    private Releases releases;

    @SuppressWarnings("NullAway.Init")
    private Signers signers;

    @BeforeEach
    void open() {
        DataSource database = TestDatabase.fresh();
        jdbc = JdbcClient.create(database);
        transactions = new JdbcTransactionManager(database);
        repository = SignedRepository.open(
                jdbc,
                directory.resolve("keys"),
                TestSealedKeys.create(),
                new SecureRandom(),
                clock,
                Duration.ofDays(7));
        artifacts = new ArtifactStore(directory.resolve("artifacts"), 1 << 20, 8);
        store = new ReleaseStore(jdbc);
        AuditLog audit = new AuditLog(jdbc, clock);
        EventLog events = new EventLog(jdbc, transactions, JsonMapper.shared());
        publishing = new Publishing(
                repository,
                store,
                artifacts,
                new SupplyStore(jdbc),
                Supply.Rules.NONE,
                new Selectors(new SimpleMeterRegistry()),
                audit,
                events,
                clock,
                transactions);
        releases = new Releases(store, audit, events, clock, transactions);
        signers = new Signers(
                3,
                repository.keys().snapshot().publicKey(),
                repository.keys().timestamp().publicKey(),
                clock.instant());
    }

    private void setUp(String... components) {
        publishing.publish(
                ADMIN,
                Map.of(
                        "root",
                        signers.root(1, signers.root),
                        "targets",
                        signers.targets(1, signers.targets, components)));
    }

    private Published publish(Map<String, byte[]> documents) {
        return publishing.publish(CI, documents);
    }

    private Published publishApp(long version, TargetFile... files) {
        return publish(Map.of("releases-app", signers.releases(version, signers.ci, files)));
    }

    private DeviceArtifacts downloads() {
        AssetStore assets =
                new AssetStore(jdbc, new JdbcTemplate(Objects.requireNonNull(transactions.getDataSource())));
        return new DeviceArtifacts(artifacts, store, repository, packed(), assets);
    }

    private PackedArtifacts packed() {
        return new PackedArtifacts(directory.resolve("packed"), artifacts);
    }

    private void upload(byte[] content) {
        artifacts.append(Sha256.of(content), 0, content.length, new ByteArrayInputStream(content));
    }

    @Test
    void whatIsSignedAndUploadedIsARelease() throws Exception {
        setUp("app");
        upload(V1);

        assertThat(publishApp(1, APP1))
                .isEqualTo(new Published(List.of("releases-app"), List.of(new ReleaseName("app", "1.0.0"))));

        assertThat(new ReleaseCatalog(store).find("app", "1.0.0"))
                .contains(new Release(
                        new ReleaseName("app", "1.0.0"),
                        1,
                        new Release.State.Published(clock.instant()),
                        List.of(APP1),
                        Map.of(),
                        clock.instant(),
                        "ci",
                        null));
        assertThat(asset().find(APP1.path())).isEqualTo(APP1);
        assertThat(ReleaseCatalog.download(APP1))
                .isEqualTo(new ReleaseCatalog.Download(
                        "1.0.0",
                        "app/1.0.0/file.bin",
                        "/v1/artifacts/sha256/" + APP1.sha256(),
                        APP1.sha256(),
                        V1.length));
    }

    @Test
    void anArtifactThatIsNotThereIsNamed() {
        setUp("app");
        upload(V1);
        artifacts.append(APP2.sha256(), 0, V2.length, new ByteArrayInputStream(V2, 0, 3));

        assertThat(refusal(() -> publishApp(1, APP1, APP2)))
                .isEqualTo(
                        "refused: artifacts are missing; upload them, then publish again; app/2.0.0/file.bin: of artifact "
                                + APP2.sha256() + " only 3 of 13 bytes are uploaded");
        assertThat(store.find(new ReleaseName("app", "1.0.0"))).isEmpty();
        assertThat(repository.current().document("releases-app")).isEmpty();
    }

    @Test
    void metadataThatIsUnsignedOrSignedByAnotherKeyIsRefused() {
        setUp("app");
        upload(V1);

        assertThat(refusal(() -> publish(Map.of("releases-app", signers.releases(1, signers.stranger, APP1)))))
                .isEqualTo("refused: releases-app.json is not signed by the keys that targets.json delegates to: 0 good"
                        + " signatures of its keys ["
                        + signers.ci.publicKey().id().substring(0, 8)
                        + "], 1 needed; it is signed by other keys: ["
                        + signers.stranger.publicKey().id().substring(0, 8) + "]");
        String altered = new String(signers.releases(1, signers.ci, APP1), StandardCharsets.UTF_8)
                .replace("\"rpi4\"", "\"imx8\"");
        assertThat(refusal(() -> publish(Map.of("releases-app", altered.getBytes(StandardCharsets.UTF_8)))))
                .endsWith("1 needed; 1 signature is wrong: the metadata was altered after signing");
        byte[] unsigned = signers.releases(1, List.of(), APP1);
        assertThat(refusal(() -> publish(Map.of("releases-app", unsigned))))
                .endsWith("0 good signatures of its keys ["
                        + signers.ci.publicKey().id().substring(0, 8) + "], 1 needed");
    }

    @Test
    void oldMetadataThatIsReplayedIsRefusedAndTheSameAgainIsNoError() {
        setUp("app");
        upload(V1);
        upload(V2);
        byte[] first = signers.releases(1, signers.ci, APP1);
        publish(Map.of("releases-app", first));
        byte[] second = signers.releases(2, signers.ci, APP1, APP2);
        publish(Map.of("releases-app", second));

        assertThat(publish(Map.of("releases-app", second))).isEqualTo(new Published(List.of(), List.of()));
        assertThat(refusal(() -> publish(Map.of("releases-app", first))))
                .isEqualTo(
                        "conflict: releases-app.json has version 1, the server has version 2, next is 3: it is a replay, or"
                                + " somebody published meanwhile; sign again");
        assertThat(refusal(() -> publishApp(4, APP1, APP2)))
                .isEqualTo("refused: releases-app.json has version 4, the server has version 2, next is 3");
    }

    @Test
    void expiredMetadataIsRefused() {
        setUp("app");
        upload(V1);
        byte[] expired = signers.releases(1, clock.instant(), List.of(signers.ci), APP1);

        assertThat(refusal(() -> publish(Map.of("releases-app", expired))))
                .isEqualTo("refused: releases-app.json of version 1 expired at 2026-11-23T10:00:00Z, it is"
                        + " 2026-11-23T10:00:00Z; sign it again");
    }

    @Test
    void whatAReleaseIsMadeOfIsFoundAgain() {
        setUp("app");
        upload(V1);
        upload(V2);
        byte[] sbom = Signers.sbom("log4j-core", "2.14.1");
        byte[] provenance = signers.provenance(V1);
        upload(sbom);
        upload(provenance);
        TargetFile[] first = {
            APP1,
            Signers.file("app", "1.0.0", "sbom.json", sbom, Signers.kind("app", "1.0.0", TargetFile.Kind.SBOM)),
            Signers.file(
                    "app", "1.0.0", "p.jsonl", provenance, Signers.kind("app", "1.0.0", TargetFile.Kind.PROVENANCE))
        };
        publishApp(1, first);

        SupplyStore supplies = new SupplyStore(jdbc);
        SupplyStore.Use use = new SupplyStore.Use(
                1,
                0,
                "app",
                "1.0.0",
                "published",
                new Sbom.Component(
                        "library",
                        "org.apache.logging.log4j",
                        "log4j-core",
                        "2.14.1",
                        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar"));
        String pack = "pkg:maven/org.apache.logging.log4j/log4j-core";
        assertThat(uses(supplies, "", "", "log4j-core", "2.14.1")).containsExactly(use);
        assertThat(uses(supplies, "", "org.apache.logging.log4j", "log4j-core", ""))
                .containsExactly(use);
        assertThat(uses(supplies, pack, "", "", "2.14.1")).containsExactly(use);
        assertThat(uses(supplies, pack, "", "", "2.17.0")).isEmpty();
        assertThat(uses(supplies, "", "other", "log4j-core", "")).isEmpty();
        assertThat(supplies.uses(new SupplyStore.Wanted("", "", "log4j-core", ""), 1L, 0, 10))
                .isEmpty();
        assertThat(supplies.components(1)).isEqualTo(1);
        assertThat(supplies.builds(1))
                .containsExactly(new Supply.Built(
                        "https://ci.example/runner",
                        "https://ci.example/build/v1",
                        "git+https://git.example/app",
                        "c0ffee",
                        "https://ci.example/runs/7",
                        ""));

        // of another file: nothing of the publication is there
        TargetFile second = artifact("app", "2.0.0", V2, "");
        assertThat(refusal(() -> publishApp(
                        2,
                        first[0],
                        first[1],
                        first[2],
                        second,
                        Signers.file(
                                "app",
                                "2.0.0",
                                "p.jsonl",
                                provenance,
                                Signers.kind("app", "2.0.0", TargetFile.Kind.PROVENANCE)))))
                .startsWith(
                        "refused: an SBOM or provenance is not right; app@2.0.0: app/2.0.0/p.jsonl says how other files"
                                + " were built: none of its subjects [file.bin ")
                .contains("; app@2.0.0: no provenance has the subject app/2.0.0/file.bin with the SHA-256 ");
        assertThat(store.find(new ReleaseName("app", "2.0.0"))).isEmpty();
    }

    private static List<SupplyStore.Use> uses(
            SupplyStore supplies, String pack, String group, String name, String version) {
        return supplies.uses(new SupplyStore.Wanted(pack, group, name, version), null, null, 10);
    }

    @Test
    void aRootOrTargetsThatAreOverAreRefused() {
        setUp("app");
        byte[] root = signers.root(2, signers.root);
        byte[] targets = signers.targets(2, signers.targets, "app");
        clock.advance(Duration.ofDays(365));

        assertThat(refusal(() -> publishTop(Map.of("root", root))))
                .startsWith(
                        "refused: root.json of version 2 expired at 2027-11-23T10:00:00Z, it is 2027-11-23T10:00:00Z");
        assertThat(refusal(() -> publishTop(Map.of("targets", targets))))
                .startsWith("refused: targets.json of version 2 expired at 2027-11-23T10:00:00Z");
    }

    @Test
    void aReleaseNeverChanges() {
        setUp("app");
        upload(V1);
        upload(V2);
        publishApp(1, APP1);

        TargetFile other = artifact("app", "1.0.0", V2, "");
        assertThat(refusal(() -> publishApp(2, other)))
                .isEqualTo(
                        "refused: the metadata is signed, and cannot be published; releases-app: app/1.0.0/file.bin is"
                                + " another file than the one that was published; publish it under a new version");
        assertThat(refusal(() -> publishApp(2, APP2)))
                .isEqualTo(
                        "refused: the metadata is signed, and cannot be published; releases-app: app/1.0.0/file.bin is left"
                                + " out, and app@1.0.0 is published; quarantine what must not be installed");
        TargetFile more = Signers.file("app", "1.0.0", "more.bin", V2, APP1.custom());
        assertThat(refusal(() -> publishApp(2, APP1, more)))
                .isEqualTo(
                        "refused: the metadata is signed, and cannot be published; releases-app: app@1.0.0 is published"
                                + " already, a file cannot be added to it");
    }

    @Test
    void aRoleSignsForItsOwnComponentOnly() {
        setUp("app", "os");
        upload(V1);
        upload(OS);

        assertThat(refusal(() -> publishApp(1, OS3)))
                .contains("the path os/3/file.bin of \"os@3\" is not app/<version>/<file>");
        assertThat(refusal(() -> publish(Map.of("releases-tool", signers.releases(1, signers.ci, APP1)))))
                .isEqualTo(
                        "refused: targets.json does not delegate to releases-tool; an administrator does so with muster"
                                + " release keys delegate");
        assertThat(refusal(() -> publish(Map.of("snapshot", new byte[0]))))
                .isEqualTo("invalid: there is no role \"snapshot\" to sign for; allowed are root, targets and"
                        + " releases-<component>");
    }

    @Test
    void aCompatibilityThatIsNoSelectorIsRefused() {
        setUp("app");
        upload(V1);

        assertThat(refusal(() -> publishApp(1, artifact("app", "1.0.0", V1, "asset.hardwre == 'x'"))))
                .contains(
                        "the compatibility of app/1.0.0/file.bin: selector is not valid: at character 6: undefined field"
                                + " 'hardwre'");
        assertThat(refusal(() -> publishApp(1, artifact("app", "1.0.0", V1, "asset.region\n== 'eu'"))))
                .endsWith(
                        "has a line break or another control character, which clients of The Update Framework write down in"
                                + " different ways; write it on one line");
    }

    @Test
    void aSetNeedsItsComponents() {
        setUp("app", "os", "line-a");
        upload(V1);
        upload(OS);
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        upload(json);
        TargetFile line = set("line-a", "2026.11", json, Map.of("app", "1.0.0", "os", "3"));

        assertThat(refusal(() -> publish(Map.of("releases-line-a", signers.releases(1, signers.ci, line)))))
                .isEqualTo(
                        "refused: the set cannot be published; line-a@2026.11: app@1.0.0 is not published; publish it before"
                                + " or with the set; line-a@2026.11: os@3 is not published; publish it before or with the set");
        Published all = publish(Map.of(
                "releases-line-a", signers.releases(1, signers.ci, line),
                "releases-app", signers.releases(1, signers.ci, APP1),
                "releases-os", signers.releases(1, signers.ci, OS3)));
        assertThat(all.releases())
                .containsExactly(
                        new ReleaseName("app", "1.0.0"),
                        new ReleaseName("line-a", "2026.11"),
                        new ReleaseName("os", "3"));
        assertThat(store.find(new ReleaseName("line-a", "2026.11"))
                        .orElseThrow()
                        .components())
                .isEqualTo(Map.of("app", "1.0.0", "os", "3"));
    }

    @Test
    void onlyAnAdministratorSaysWhoSigns() {
        assertThat(refusal(() -> publish(Map.of("root", signers.root(1, signers.root)))))
                .isEqualTo(
                        "forbidden: token ci may not admin: admin of kind \"release\" needs the role admin, the actor has"
                                + " operator");
    }

    @Test
    void aLaterRootMustChainAndMustListTheServersKeys() {
        setUp("app");
        Signers others = new Signers(
                4,
                repository.keys().snapshot().publicKey(),
                repository.keys().timestamp().publicKey(),
                clock.instant());

        assertThat(refusal(() -> publishing.publish(ADMIN, Map.of("root", others.root(2, others.root)))))
                .startsWith("refused: 2.root.json is not signed by root of version 1: 0 good signatures");
        // others.root takes over, and the targets key changes with it: targets.json must come too
        assertThat(refusal(() -> publishing.publish(ADMIN, Map.of("root", others.root(2, others.root, signers.root)))))
                .startsWith("refused: targets.json is not signed by the targets keys of root version 2");
        assertThat(publishing
                        .publish(
                                ADMIN,
                                Map.of(
                                        "root", others.root(2, others.root, signers.root),
                                        "targets", others.targets(2, others.targets, "app")))
                        .roles())
                .containsExactly("root", "targets");
        Signers foreign = new Signers(5, signers.ci.publicKey(), signers.ci.publicKey(), clock.instant());
        assertThat(refusal(() -> publishing.publish(ADMIN, Map.of("root", foreign.root(3, foreign.root, others.root)))))
                .startsWith("refused: root.json lists for snapshot other keys than this server's, "
                        + repository.keys().snapshot().publicKey().id());
    }

    @Test
    void aChangedDelegationMustNotOrphanWhatIsPublished() {
        setUp("app");
        upload(V1);
        publishApp(1, APP1);
        Signers others = new Signers(
                4,
                repository.keys().snapshot().publicKey(),
                repository.keys().timestamp().publicKey(),
                clock.instant());

        byte[] changed = others.targets(2, signers.targets, "app");
        assertThat(refusal(() -> publishing.publish(ADMIN, Map.of("targets", changed))))
                .startsWith("refused: releases-app.json is not signed by the keys that targets.json delegates to");
        assertThat(publishing
                        .publish(
                                ADMIN, Map.of("targets", changed, "releases-app", signers.releases(2, others.ci, APP1)))
                        .roles())
                .containsExactly("releases-app", "targets");
    }

    private Published publishTop(Map<String, byte[]> documents) {
        return publishing.publish(ADMIN, documents);
    }

    @Test
    void aRootThatIsOlderOrIsNotSignedByTheOneBeforeIsRefused() {
        setUp("app");
        RoleKeys mine = RoleKeys.of(signers.targets.publicKey());
        RoleKeys both = new RoleKeys(List.of(signers.root.publicKey(), signers.ci.publicKey()), 2);

        assertThat(refusal(() -> publishTop(Map.of(
                        "root", signers.root(2, RoleKeys.of(signers.stranger.publicKey()), mine, signers.stranger)))))
                .startsWith("refused: 2.root.json is not signed by root of version 1: 0 good signatures of its keys [");
        assertThat(refusal(() -> publishTop(Map.of("root", signers.root(2, both, mine, signers.root)))))
                .startsWith("refused: 2.root.json is not signed by itself: 1 good signature of its keys [");
        assertThat(refusal(() -> publishTop(Map.of("root", signers.root(3, signers.root)))))
                .isEqualTo("refused: 2.root.json has version 3, after 1 comes 2");
        byte[] second = signers.root(2, both, mine, signers.root, signers.ci);
        assertThat(publishTop(Map.of("root", second)).roles()).containsExactly("root");
        assertThat(refusal(() -> publishTop(Map.of("root", signers.root(1, signers.root, signers.ci)))))
                .isEqualTo("conflict: 3.root.json has version 1, after 2 comes 3");
        assertThat(refusal(() -> publishTop(Map.of("root", signers.root(3, both, mine, signers.root)))))
                .startsWith("refused: 3.root.json is not signed by root of version 2: 1 good signature of its keys [");
    }

    @Test
    void aRootWithOtherTargetsKeysComesWithTargetsThatTheySigned() throws Exception {
        setUp("app");
        upload(V1);
        publishApp(1, APP1);
        UpdateClient asset = asset();
        byte[] next = signers.root(
                2, RoleKeys.of(signers.root.publicKey()), RoleKeys.of(signers.stranger.publicKey()), signers.root);

        assertThat(refusal(() -> publishTop(Map.of("root", next))))
                .startsWith("refused: targets.json is not signed by the targets keys of root version 2");
        publishTop(Map.of("root", next, "targets", signers.targets(2, signers.stranger, "app")));
        asset.refresh();
        assertThat(asset.find(APP1.path())).isEqualTo(APP1);
        assertThat(refusal(() -> publishTop(Map.of("targets", signers.targets(1, signers.stranger, "app")))))
                .startsWith(
                        "conflict: targets.json has version 1, the server has version 2, next is 3: it is a replay");
        assertThat(refusal(() -> publishTop(Map.of("targets", signers.targets(3, signers.targets, "app")))))
                .startsWith("refused: targets.json is not signed by the targets keys of root version 2: 0 good");
    }

    @Test
    void aThresholdOfTwoIsNotReachedByOneKeyTwice() {
        RoleKeys two = new RoleKeys(List.of(signers.ci.publicKey(), signers.stranger.publicKey()), 2);
        publishTop(Map.of(
                "root", signers.root(1, signers.root), "targets", signers.targets(1, two, signers.targets, "app")));
        upload(V1);
        byte[] once = signers.releases(1, signers.ci, APP1);
        String signature = new String(once, StandardCharsets.UTF_8)
                .replaceAll(
                        "(?s).*(\\{\\s*\"keyid\" : \"" + signers.ci.publicKey().id() + "\".*?\\}).*", "$1");
        byte[] twice = new String(once, StandardCharsets.UTF_8)
                .replace(signature, signature + "," + signature)
                .getBytes(StandardCharsets.UTF_8);

        assertThat(refusal(() -> publish(Map.of("releases-app", once))))
                .contains("1 good signature of its keys [")
                .endsWith("], 2 needed");
        assertThat(refusal(() -> publish(Map.of("releases-app", twice))))
                .startsWith("refused: releases-app.json is signed twice by key "
                        + signers.ci.publicKey().id());
        assertThat(publish(Map.of(
                                "releases-app",
                                signers.releases(
                                        1,
                                        clock.instant().plusSeconds(60),
                                        List.of(signers.ci, signers.stranger),
                                        APP1)))
                        .roles())
                .containsExactly("releases-app");
    }

    @Test
    void theTimestampIsSignedAgainAtHalfOfItsLifeAndAnAssetGoesOnBelieving() throws Exception {
        setUp("app");
        upload(V1);
        publishApp(1, APP1);
        UpdateClient asset = asset();
        TransactionTemplate transaction = new TransactionTemplate(transactions);
        clock.advance(Duration.ofDays(3));
        assertThat(renewed(transaction)).isFalse();
        clock.advance(Duration.ofDays(1));

        assertThat(renewed(transaction)).isTrue();

        assertThat(asset.find(APP1.path())).isEqualTo(APP1);
        clock.advance(Duration.ofDays(5)); // past the first timestamp's end
        asset.refresh();
        assertThat(asset.find(APP1.path())).isEqualTo(APP1);
        clock.advance(Duration.ofDays(2));
        assertThat(catchThrowableOfType(MetadataRefusedException.class, asset::refresh)
                        .detail())
                .isEqualTo(
                        "timestamp.json of version 3 expired at 2026-12-04T10:00:00Z, it is 2026-12-04T10:00:00Z: newer"
                                + " metadata is held back, or the clock is wrong");
    }

    @Test
    void theKeeperSignsUnderItsLeaseAndTidiesWhatNoReleaseNames() {
        setUp("app");
        upload(V1);
        upload(V2);
        publishApp(1, APP1);
        clock.advance(Duration.ofDays(365)); // the files are of today: far enough
        Leases leases = new Leases(jdbc);
        Lease other = leases.acquire("release-timestamp", "another server", Duration.ofMinutes(1))
                .orElseThrow();
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        ReleaseKeeper keeper = new ReleaseKeeper(
                repository,
                store,
                artifacts,
                leases,
                transactions,
                clock,
                new Ids(clock, new SecureRandom()),
                meters,
                Settings.of(ReleaseSettings.SETTINGS, Map.of()));

        keeper.round();

        assertThat(version("timestamp")).isEqualTo(2);
        assertThat(artifacts.find(APP1.sha256())).isPresent();
        assertThat(artifacts.find(APP2.sha256())).isEmpty();
        assertThat(meters.get("muster.release.metadata.expires")
                        .tag("role", "timestamp")
                        .gauge()
                        .value())
                .isEqualTo(-Duration.ofDays(358).toSeconds());
        leases.release(other);
        clock.advance(Duration.ofDays(-10)); // targets are signed for a year
        keeper.round();
        assertThat(version("timestamp")).isEqualTo(3);
    }

    private long version(String role) {
        return repository.states().stream()
                .filter(state -> state.role().equals(role))
                .findFirst()
                .orElseThrow()
                .version();
    }

    @Test
    void aQuarantinedReleaseIsGivenToNobody() {
        setUp("app");
        upload(V1);
        publishApp(1, APP1);
        DeviceArtifacts downloads = downloads();
        assertThat(downloads.find(APP1.sha256())).isInstanceOf(Artifacts.Found.File.class);

        Release quarantined = releases.quarantine(CI, "app@1.0.0", "bricks the pump");

        assertThat(quarantined.state())
                .isEqualTo(new Release.State.Quarantined(clock.instant(), "ci", "bricks the pump"));
        assertThat(downloads.find(APP1.sha256()))
                .isEqualTo(new Artifacts.Found.Refused(
                        403,
                        "quarantined",
                        "the artifact " + APP1.sha256() + " belongs to a release that is quarantined"));
        assertThat(releases.release(CI, "app@1.0.0", "it was the pump").state())
                .isEqualTo(new Release.State.Published(clock.instant()));
        assertThat(jdbc.sql("select action from audit_entry where object_kind = 'release' order by id")
                        .query(String.class)
                        .list())
                .containsExactly("release.publish", "release.quarantine", "release.release");
        assertThat(refusal(() -> releases.quarantine(CI, "app@1.0.0", " ")))
                .startsWith("invalid: a reason of 1 to 1000");
        assertThat(refusal(() -> releases.get("nonsense"))).startsWith("not_found: there is no release nonsense; ");
    }

    @Test
    void retentionNeverRemovesWhatAnAssetMayNeed() {
        setUp("app");
        for (byte[] content : List.of(V1, V2, OS)) {
            upload(content);
        }
        TargetFile app3 = artifact("app", "3.0.0", OS, "");
        publishApp(1, APP1);
        publishApp(2, APP1, APP2);
        publishApp(3, APP1, APP2, app3);
        clock.advance(Duration.ofDays(100));
        ReleaseHold hold = candidates -> {
            Map<ReleaseName, String> held = new HashMap<>(needed);
            held.keySet().retainAll(candidates);
            return held;
        };

        assertThat(refusal(() -> retention().prune(ADMIN, 1, Duration.ofDays(90), false)))
                .isEqualTo(
                        "refused: nothing is removed: no part of this server can tell which releases assets run or may go"
                                + " back to");
        needed.put(new ReleaseName("app", "1.0.0"), "ran before on truck-1");
        ReleaseRetention.Outcome outcome = retention(hold).prune(ADMIN, 1, Duration.ofDays(90), false);

        assertThat(outcome)
                .isEqualTo(new ReleaseRetention.Outcome(
                        List.of(new ReleaseName("app", "2.0.0")),
                        Map.of(
                                new ReleaseName("app", "3.0.0"), "one of the newest 1 of app",
                                new ReleaseName("app", "1.0.0"), "ran before on truck-1"),
                        V2.length));
        assertThat(artifacts.find(APP1.sha256())).isPresent();
        assertThat(artifacts.find(APP2.sha256())).isEmpty();
        assertThat(downloads().find(APP2.sha256()))
                .isEqualTo(new Artifacts.Found.Refused(
                        410, "gone", "the artifact " + APP2.sha256() + " was removed by retention"));
        // what was removed may be left out of the metadata, and only that
        assertThat(publishApp(4, APP1, app3).roles()).containsExactly("releases-app");

        // a planted violation: a hold that forgets truck-1 would remove what it may go back to
        needed.clear();
        assertThat(retention(hold).prune(ADMIN, 1, Duration.ofDays(90), true).pruned())
                .containsExactly(new ReleaseName("app", "1.0.0"));
    }

    @Test
    void whoHasAnEarlierVersionGetsWhatDiffersAlone() throws Exception {
        byte[] old = new byte[300_000];
        new Random(3).nextBytes(old);
        byte[] changed = old.clone();
        System.arraycopy(V2, 0, changed, 150_000, V2.length);
        byte[] other = new byte[300_000];
        new Random(4).nextBytes(other);
        TargetFile first = artifact("app", "1.0.0", old, "", "rpi4");
        TargetFile second = artifact("app", "1.1.0", changed, "", "rpi4");
        TargetFile third = artifact("app", "1.2.0", other, "", "rpi4");
        TargetFile elsewhere = artifact("app", "1.3.0", old, "", "imx8");
        setUp("app");
        for (byte[] content : List.of(old, changed, other)) {
            upload(content);
        }
        publishApp(1, first, second, third, elsewhere);

        new ArtifactPacking(store, artifacts, packed(), 3, 1 << 20).round();

        DeviceArtifacts downloads = downloads();
        assertThat(downloads.packed(first.sha256()))
                .as("noise cannot be packed")
                .isEmpty();
        Artifacts.Found found = downloads.delta(second.sha256(), first.sha256());
        assertThat(found).isInstanceOf(Artifacts.Found.File.class);
        Path delta = ((Artifacts.Found.File) found).path();
        assertThat(Files.size(delta)).isLessThan(1_000);
        Path result = directory.resolve("result");
        DeltaPatch.apply(artifacts.find(first.sha256()).orElseThrow(), delta, result, second.sha256());
        assertThat(result).hasBinaryContent(changed);
        for (TargetFile none : List.of(second, elsewhere)) {
            assertThat(downloads.delta(third.sha256(), none.sha256()))
                    .as("saves nothing, or is of other hardware")
                    .isEqualTo(new Artifacts.Found.Refused(404, "no_delta", "there is no delta; fetch the whole"));
        }

        releases.quarantine(CI, "app@1.1.0", "bricks the pump");
        assertThat(downloads.delta(second.sha256(), first.sha256()))
                .isInstanceOf(Artifacts.Found.Refused.class)
                .extracting(refused -> ((Artifacts.Found.Refused) refused).status())
                .isEqualTo(403);
        new ArtifactPacking(store, artifacts, packed(), 3, 1 << 20).round();
        assertThat(delta).as("of what is given to nobody").doesNotExist();
    }

    @Test
    void whatCanBePackedIsPackedOnceAndAsItIs() throws Exception {
        byte[] text = "all work and no play ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
        TargetFile file = artifact("app", "1.0.0", text, "", "rpi4");
        setUp("app");
        upload(text);
        publishApp(1, file);
        ArtifactPacking packing = new ArtifactPacking(store, artifacts, packed(), 3, 1 << 20);
        packing.round();

        Path packed = downloads().packed(file.sha256()).orElseThrow();
        assertThat(Files.size(packed)).isLessThan(text.length / 10);
        try (ZstdInputStream in = new ZstdInputStream(Files.newInputStream(packed))) {
            assertThat(in.readAllBytes()).isEqualTo(text);
        }
        FileTime made = Files.getLastModifiedTime(packed);
        packing.round();
        assertThat(Files.getLastModifiedTime(packed)).isEqualTo(made);
        new ArtifactPacking(store, artifacts, new PackedArtifacts(directory.resolve("other"), artifacts), 3, 1000)
                .round();
        assertThat(directory.resolve("other")).as("larger than is packed").isEmptyDirectory();
    }

    @Test
    void aHoldThatCannotTellStopsRetention() {
        setUp("app");
        upload(V1);
        upload(V2);
        publishApp(1, APP1);
        publishApp(2, APP1, APP2);
        clock.advance(Duration.ofDays(100));
        ReleaseHold failing = candidates -> {
            throw new IllegalStateException("reports cannot be read");
        };

        assertThat(catchThrowableOfType(
                        IllegalStateException.class,
                        () -> retention(failing).prune(ADMIN, 1, Duration.ofDays(90), false)))
                .hasMessage("reports cannot be read");
        assertThat(artifacts.find(APP1.sha256())).isPresent();
    }

    @Test
    void pagesGoFromTheNewestToTheOldest() {
        setUp("app");
        upload(V1);
        upload(V2);
        publishApp(1, APP1);
        publishApp(2, APP1, APP2);

        var first = releases.list(new PageRequest(1, null), "", "");
        assertThat(first.items())
                .extracting(release -> release.name().toString())
                .containsExactly("app@2.0.0");
        var second = releases.list(new PageRequest(1, first.next()), "app", "published");
        assertThat(second.items())
                .extracting(release -> release.name().toString())
                .containsExactly("app@1.0.0");
        assertThat(second.next()).isNull();
        assertThat(releases.list(PageRequest.FIRST, "", "quarantined").items()).isEmpty();
    }

    private boolean renewed(TransactionTemplate transaction) {
        return Boolean.TRUE.equals(transaction.execute(status -> repository.renewIfDue()));
    }

    private ReleaseRetention retention(ReleaseHold... holds) {
        StaticListableBeanFactory beans = new StaticListableBeanFactory();
        for (int i = 0; i < holds.length; i++) {
            beans.addBean("hold-" + i, holds[i]);
        }
        return new ReleaseRetention(
                store,
                artifacts,
                beans.getBeanProvider(ReleaseHold.class),
                new AuditLog(jdbc, clock),
                new EventLog(jdbc, transactions, JsonMapper.shared()),
                clock,
                transactions);
    }

    /** An asset that has seen the repository. */
    private UpdateClient asset() throws Exception {
        UpdateClient client =
                UpdateClient.in(directory.resolve("asset"), (file, maxBytes) -> repository.file(file), clock);
        client.pinRoot(repository.rootPin().orElseThrow()).refresh();
        return client;
    }

    private static String refusal(ThrowingCallable attempt) {
        Refusal refusal = catchThrowableOfType(Refusal.class, attempt);
        String errors = refusal.errors().stream().map(PublishingTest::shown).collect(Collectors.joining());
        return refusal.code().wire() + ": " + refusal.detail() + errors;
    }

    private static String shown(FieldProblem problem) {
        return "; " + problem.field() + ": " + problem.message();
    }
}
