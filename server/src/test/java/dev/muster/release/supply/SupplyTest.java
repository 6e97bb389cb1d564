package dev.muster.release.supply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.platform.config.SettingsException;
import dev.muster.protocol.provenance.Envelope;
import dev.muster.protocol.provenance.Statement;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SigningKey;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.TargetFile.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class SupplyTest {
    private static final SigningKey CI = SigningKey.ofSeed(new byte[32]);
    private static final SigningKey STRANGER = SigningKey.ofSeed(HexFormat.of().parseHex("07".repeat(32)));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final Map<String, byte[]> stored = new HashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final TargetFile app = file("app.bin", Kind.ARTIFACT, "the application");
    private final TargetFile tool = file("tool.bin", Kind.ARTIFACT, "a tool");

    private TargetFile file(String name, Kind kind, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        stored.put(Sha256.of(bytes), bytes);
        return new TargetFile(
                "app/1/" + name,
                bytes.length,
                Sha256.of(bytes),
                new TargetFile.Custom(kind, "app", "1", List.of(), "", Map.of()));
    }

    private TargetFile provenance(SigningKey key, TargetFile... subjects) {
        Statement statement = new Statement(
                Arrays.stream(subjects)
                        .map(one -> new Statement.Subject(one.path(), one.sha256()))
                        .toList(),
                "https://ci.example/runner",
                "https://ci.example/build/v1",
                null,
                null,
                null);
        return file(
                "build.jsonl",
                Kind.PROVENANCE,
                Envelope.sign(
                        Envelope.IN_TOTO, statement.bytes(JsonMapper.shared().createObjectNode()), key));
    }

    private Supply checked(Supply.Rules rules, TargetFile... files) {
        problems.clear();
        return Supply.of(
                List.of(files),
                rules,
                (sha256, max) -> {
                    byte[] found = Objects.requireNonNull(stored.get(sha256));
                    return Arrays.copyOf(found, Math.min(found.length, max));
                },
                problems);
    }

    private Supply.Rules keysOf(SigningKey... keys) throws Exception {
        StringBuilder pem = new StringBuilder();
        for (SigningKey key : keys) {
            byte[] spki = HexFormat.of()
                    .parseHex("302a300506032b6570032100" + key.publicKey().publicKey());
            pem.append("-----BEGIN PUBLIC KEY-----\n")
                    .append(Base64.getEncoder().encodeToString(spki))
                    .append("\n-----END PUBLIC KEY-----\n");
        }
        return new Supply.Rules(ProvenanceKeys.in(Files.writeString(directory.resolve("keys.pem"), pem)), false);
    }

    @Test
    void provenanceIsOfTheFilesOfThisRelease() {
        assertThat(checked(Supply.Rules.NONE, app, provenance(CI, app)).builds())
                .hasSize(1);
        assertThat(problems).isEmpty();

        checked(Supply.Rules.NONE, app, provenance(CI, tool));
        assertThat(problems)
                .containsExactly(
                        "app/1/build.jsonl says how other files were built: none of its subjects [app/1/tool.bin "
                                + tool.sha256() + "] is a file of this release",
                        "no provenance has the subject app/1/app.bin with the SHA-256 " + app.sha256());

        checked(Supply.Rules.NONE, app, tool, provenance(CI, app));
        assertThat(problems)
                .containsExactly("no provenance has the subject app/1/tool.bin with the SHA-256 " + tool.sha256());
    }

    @Test
    void withKeysConfiguredOneOfThemMustHaveSigned() throws Exception {
        assertThat(checked(keysOf(STRANGER, CI), app, provenance(CI, app))
                        .builds()
                        .getFirst()
                        .signedBy())
                .hasSize(64);
        assertThat(problems).isEmpty();

        checked(keysOf(STRANGER), app, provenance(CI, app));
        assertThat(problems)
                .containsExactly(
                        "app/1/build.jsonl is not signed by a key of release-provenance-keys",
                        "no provenance has the subject app/1/app.bin with the SHA-256 " + app.sha256());
    }

    @Test
    void provenanceThatIsWantedAndMissingIsTold() {
        Supply.Rules required = new Supply.Rules(ProvenanceKeys.NONE, true);
        checked(required, app);
        assertThat(problems)
                .containsExactly("it has no provenance, which release-provenance-required wants; muster release create"
                        + " --provenance FILE");
        checked(required, file("components.json", Kind.SET, "{}"));
        assertThat(problems).isEmpty();
    }

    @Test
    void anSbomIsReadWithTheComponentsInsideOfOthers() {
        Supply supply = checked(Supply.Rules.NONE, app, file("sbom.json", Kind.SBOM, """
                        {"bomFormat":"CycloneDX","specVersion":"1.5","components":[
                          {"type":"library","name":"a","purl":"pkg:npm/%40scope/a@1.2.3?arch=x64#dist","components":[
                            {"type":"file","group":"g","name":"b","version":"2"}]}]}
                        """));
        assertThat(problems).isEmpty();
        assertThat(supply.components())
                .containsExactly(
                        new Sbom.Component("library", "", "a", "1.2.3", "pkg:npm/%40scope/a@1.2.3?arch=x64#dist"),
                        new Sbom.Component("file", "g", "b", "2", ""));
        assertThat(supply.components().getFirst().pack()).isEqualTo("pkg:npm/%40scope/a");
        assertThat(Sbom.versionOf("pkg:golang/github.com/@odd/x")).isNull();
    }

    @Test
    void whatIsNoSbomIsRefusedInWords() {
        assertThat(sbom("nothing")).isEqualTo("app/1/sbom.json is not JSON");
        assertThat(sbom("{\"spdxVersion\":\"SPDX-2.3\"}"))
                .isEqualTo("app/1/sbom.json is no CycloneDX document in JSON: it has no \"bomFormat\": \"CycloneDX\"");
        assertThat(sbom("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"2.0\"}"))
                .isEqualTo("app/1/sbom.json follows CycloneDX \"2.0\", known are 1.2 to 1.9");
        assertThat(sbom(components("{\"version\":\"1\"}"))).isEqualTo("app/1/sbom.json has a component without a name");
        assertThat(sbom(components("{\"name\":\"a\\u0000\"}")))
                .isEqualTo("app/1/sbom.json has a component whose \"name\" is no text of at most 512 characters");
        assertThat(sbom(components("{\"name\":\"a\"},".repeat(Sbom.MAX_COMPONENTS) + "{\"name\":\"a\"}")))
                .isEqualTo("app/1/sbom.json has more than 50000 components");
        assertThat(sbom(components("{\"name\":\"a\",\"components\":[".repeat(40) + "]}".repeat(40))))
                .isEqualTo("app/1/sbom.json has components within components more than 32 deep");
        assertThat(sbom(" ".repeat(Sbom.MAX_BYTES + 1)))
                .isEqualTo("app/1/sbom.json has 8388609 bytes, a file of kind sbom has at most 8388608");
    }

    private static String components(String listed) {
        return "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[" + listed + "]}";
    }

    private String sbom(String content) {
        checked(Supply.Rules.NONE, app, file("sbom.json", Kind.SBOM, content));
        return String.join("; ", problems);
    }

    @Test
    void aFileOfKeysThatHoldsNoneStopsTheStart() throws Exception {
        Path empty = Files.writeString(directory.resolve("empty.pem"), "nothing");
        assertThatThrownBy(() -> ProvenanceKeys.in(empty))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("has no PUBLIC KEY block");
        assertThatThrownBy(() -> ProvenanceKeys.in(directory.resolve("absent.pem")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("cannot read public keys in");
        assertThat(ProvenanceKeys.in(Path.of("")).isEmpty()).isTrue();
    }
}
