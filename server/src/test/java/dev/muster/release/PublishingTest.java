package dev.muster.release;

import static dev.muster.release.Signers.artifact;
import static dev.muster.release.Signers.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.release.Publishing.Published;
import dev.muster.release.supply.Sbom;
import dev.muster.release.supply.Supply;
import dev.muster.release.supply.SupplyStore;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From signed metadata to releases, against PostgreSQL: what is refused, in which words, and what assets then see. */
class PublishingTest extends PublishingFixture {
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
}
