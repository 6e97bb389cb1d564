package dev.muster.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.protocol.tuf.RoleKeys;
import dev.muster.protocol.tuf.UpdateClient;
import dev.muster.release.Publishing.Published;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whose signatures, versions and ends of life the server believes before it publishes anything. */
class MetadataTrustTest extends PublishingFixture {
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
}
