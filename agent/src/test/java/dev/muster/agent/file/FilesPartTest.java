package dev.muster.agent.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.state.AssetFacts;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FilesPartTest {
    private static final AssetFacts FACTS =
            new AssetFacts(new AssetId("pump-7"), "pump-7.local", Optional.of("linux-device"), Map.of("site", "north"));
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final List<Uplink.Event> events = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Path etc;

    @SuppressWarnings("NullAway.Init")
    private StateDirectory state;

    @SuppressWarnings("NullAway.Init")
    private FilesPart files;

    @BeforeEach
    void open() throws IOException {
        directory = directory.toRealPath();
        etc = Files.createDirectory(directory.resolve("etc"));
        state = StateDirectory.open(directory.resolve("state"));
        files = agent();
    }

    private FilesPart agent() throws IOException {
        Allowed allowed = new Allowed(
                List.of(etc),
                List.of(List.of("sh", "-c", "*"), List.of("grep", "-q", "good", "*")),
                Map.of(),
                false,
                Map.of(),
                Map.of(),
                List.of(),
                false,
                List.of());
        return new FilesPart(state, allowed, () -> FACTS, events::add);
    }

    @AfterEach
    void close() throws IOException {
        state.close();
    }

    @Test
    void writesATemplateWithTheMode() {
        apply(
                "{'motd':{'path':'ETC/motd','template':'Hello {{asset.id}} at {{ labels.site }} {{braces}}','mode':'0600'}}");
        assertThat(etc.resolve("motd")).hasContent("Hello pump-7 at north {{");
        assertThat(mode("motd")).isEqualTo("rw-------");
        assertThat(reported("motd")).isEqualTo("Hello {{asset.id}} at {{ labels.site }} {{braces}}");
    }

    @Test
    void aLongTemplateIsReportedByItsHash() {
        apply("{'motd':{'path':'ETC/motd','template':'" + "x".repeat(257) + "'}}");
        assertThat(reported("motd"))
                .isEqualTo("sha256:" + Place.hash("x".repeat(257).getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Test
    void aChangeByHandIsRepairedAndTold() throws IOException {
        apply("{'motd':{'path':'ETC/motd','template':'good'}}");
        Files.writeString(etc.resolve("motd"), "changed");
        String found = "modified sha256:" + Place.hash("changed".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(reported("motd")).isEqualTo(found);
        files.inspect();
        assertThat(etc.resolve("motd")).hasContent("good");
        assertThat(reported("motd")).isEqualTo("good");
        assertThat(told()).containsExactly("config.file.repaired " + found);
    }

    @Test
    void aChangeByHandIsOnlyReportedWhereThatIsWanted() throws IOException {
        apply("{'motd':{'path':'ETC/motd','template':'good','onDrift':'report'}}");
        Files.delete(etc.resolve("motd"));
        files.inspect();
        files.inspect();
        assertThat(reported("motd")).isEqualTo("missing");
        assertThat(told()).containsExactly("config.file.drifted missing");
        files = agent(); // a restart applies the same again
        apply("{'motd':{'path':'ETC/motd','template':'good','onDrift':'report'}}");
        assertThat(etc.resolve("motd")).doesNotExist();
        apply("{'motd':{'path':'ETC/motd','template':'better','onDrift':'report'}}");
        assertThat(etc.resolve("motd")).hasContent("better");
    }

    @Test
    void aChangeOfTheModeIsOneToo() throws IOException {
        apply("{'motd':{'path':'ETC/motd','template':'good'}}");
        Files.setPosixFilePermissions(etc.resolve("motd"), PosixFilePermissions.fromString("rw-rw-rw-"));
        assertThat(reported("motd")).isEqualTo("modified mode 0666");
        files.inspect();
        assertThat(mode("motd")).isEqualTo("rw-r--r--");
    }

    @Test
    void whatWasThereBeforeComesBackWhenAFileIsNotWantedAnyMore() throws IOException {
        Files.writeString(etc.resolve("old"), "original");
        Files.setPosixFilePermissions(etc.resolve("old"), PosixFilePermissions.fromString("rw-r-----"));
        apply("{'old':{'path':'ETC/old','template':'ours'},'new':{'path':'ETC/new','template':'ours'}}");
        apply("{'old':{'path':'ETC/old','template':'ours again'},'new':{'path':'ETC/new','template':'ours'}}");
        files = agent();
        apply("{}");
        assertThat(etc.resolve("old")).hasContent("original");
        assertThat(mode("old")).isEqualTo("rw-r-----");
        assertThat(etc.resolve("new")).doesNotExist();
        try (Stream<Path> left = Files.list(etc)) {
            assertThat(left).containsExactly(etc.resolve("old"));
        }
    }

    @Test
    void aFileThatItsCheckRefusesDoesNotTakeItsPlace() throws IOException {
        apply("{'a':{'path':'ETC/a','template':'good','check':['grep','-q','good','{{path}}']}}");
        assertThatThrownBy(
                        () -> apply("{'a':{'path':'ETC/a','template':'bad','check':['grep','-q','good','{{path}}']}}"))
                .hasMessageContaining(
                        "file a is refused by its check [grep, -q, good, " + etc + "/.a.muster] ended with 1");
        assertThat(etc.resolve("a")).hasContent("good");
        assertThat(etc.resolve(".a.muster")).doesNotExist();
    }

    @Test
    void reloadsOnceAfterAChangeAndNotWithoutOne() throws IOException {
        String reload = "['sh','-c','echo reloaded >> ETC/reloads']";
        String config =
                "{'a':{'path':'ETC/a','template':'1','reload':R},'b':{'path':'ETC/b','template':'1','reload':R}}"
                        .replace("R", reload);
        apply(config);
        apply(config);
        files = agent();
        apply(config);
        assertThat(etc.resolve("reloads")).hasContent("reloaded");
        apply(config.replace("'1'", "'2'"));
        assertThat(etc.resolve("reloads")).hasContent("reloaded\nreloaded");
    }

    @Test
    void aReloadThatAKillPreventedIsMadeUpFor() throws IOException {
        String config =
                "{'a':{'path':'ETC/a','template':'1','reload':['sh','-c','test -e ETC/up && echo r >> ETC/reloads']}}";
        assertThatThrownBy(() -> apply(config))
                .hasMessageContaining("after a change of file a failed: it ended with 1");
        Files.createFile(etc.resolve("up"));
        files = agent();
        apply(config);
        assertThat(etc.resolve("reloads")).hasContent("r");
    }

    @Test
    void nothingIsWrittenWhereTheOwnerDoesNotAllowIt() throws IOException {
        assertThat(problems("{'s':{'path':'/etc/shadow','template':'x'}}"))
                .singleElement()
                .asString()
                .isEqualTo(
                        "files.s.path is '/etc/shadow' and must lie below a root that the owner of this asset allows; allowed are ["
                                + etc + "], more can be added to files.roots in the asset's allow file");
        assertThat(problems("{'s':{'path':'ETC/../shadow','template':'x'}}"))
                .singleElement()
                .asString()
                .endsWith("must be an absolute path without '..'");
        assertThat(problems("{'s':{'path':'ETC-other/x','template':'x'}}"))
                .singleElement()
                .asString()
                .contains("must lie below a root");
        assertThat(problems("{'s':{'path':'ETC/x','template':'x','reload':['rm','-rf','/']}}"))
                .singleElement()
                .asString()
                .startsWith("files.s.reload is [rm, -rf, /], which the owner of this asset does not permit");
        assertThat(problems("{'s':{'path':'ETC/x','template':'x','check':['grep','-q','good','-f/etc/shadow']}}"))
                .hasSize(1);
    }

    @Test
    void noLinkLeadsOutOfTheRoot() throws IOException {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Path victim = Files.writeString(outside.resolve("victim"), "untouched");
        Files.createSymbolicLink(etc.resolve("folder"), outside);
        Files.createSymbolicLink(etc.resolve("file"), victim);
        assertThatThrownBy(() -> apply("{'a':{'path':'ETC/folder/victim','template':'x'}}"))
                .hasMessageContaining("folder " + etc + "/folder cannot be entered, it may be a symbolic link");
        assertThatThrownBy(() -> apply("{'a':{'path':'ETC/file','template':'x'}}"))
                .hasMessageContaining(etc + "/file is a symbolic link");
        assertThat(victim).hasContent("untouched");
    }

    @Test
    void everythingThatIsWrongIsToldAtOnce() {
        assertThat(
                        problems(
                                "{'a':{'path':'ETC/a','template':'{{labels.town}} {{asset.colour}} {{','mode':'07777','onDrift':'ignore','owned':'me'}}"))
                .containsExactly(
                        "files.a.mode is '07777' and must be three octal digits such as 0644",
                        "files.a.onDrift is 'ignore' and must be repair or report",
                        "files.a.template uses {{labels.town}}, and this asset has no such label; it has site",
                        "files.a.template uses {{asset.colour}}, which is not known; known are asset.id, asset.type, asset.hostname, labels.NAME, braces",
                        "files.a.template has a {{ that is not closed; a literal one is written {{braces}}",
                        "files.a.owned is not known; known are path, template, mode, owner, check, reload, onDrift");
        assertThat(problems("{'a':{'path':'ETC/a','template':''},'b':{'path':'ETC/a','template':''}}"))
                .containsExactly("files.b.path is the same as of files.a");
    }

    @Test
    void everythingIsGivenBackAtTheEnd() throws IOException {
        Files.writeString(etc.resolve("old"), "original");
        apply("{'old':{'path':'ETC/old','template':'ours'},'new':{'path':'ETC/new','template':'ours'}}");
        agent().giveEverythingBack();
        assertThat(etc.resolve("old")).hasContent("original");
        assertThat(etc.resolve("new")).doesNotExist();
    }

    private void apply(String config) {
        JsonNode wanted = json(config);
        assertThat(files.problems(wanted)).isEmpty();
        files.apply(wanted);
    }

    private List<String> problems(String config) {
        return files.problems(json(config));
    }

    private JsonNode json(String text) {
        return JSON.readTree(text.replace('\'', '"').replace("ETC", etc.toString()));
    }

    private String reported(String name) {
        return files.current().required(name).required("template").stringValue();
    }

    private List<String> told() {
        return events.stream()
                .map(event -> event.type() + " " + event.data().get("found"))
                .toList();
    }

    private String mode(String name) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(etc.resolve(name)));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
