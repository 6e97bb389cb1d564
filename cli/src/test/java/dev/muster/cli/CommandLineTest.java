package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.cli.Cli.Result;
import dev.muster.cli.FakeServer.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private static final String POS = """
            {"id":"pos-1","type":"pos","labels":{"region":"eu","shift":"night"},"owner":"","region":"eu","site":"",\
            "hardware":"","lifecycle":"active","presence":"online","presenceSince":"2026-11-23T10:00:00Z",\
            "lastSeen":null,"certificateExpires":null,"created":"2026-11-01T00:00:00Z",\
            "updated":"2026-11-02T00:00:00Z","resourceVersion":"4"}""";
    private static final String VEHICLE = """
            {"id":"vehicle-00017","type":"vehicle","labels":{},"owner":"fleet","region":"","site":"berlin",\
            "hardware":"v2","lifecycle":"registered","presence":"never-seen","presenceSince":"2026-11-23T10:00:00Z",\
            "lastSeen":null,"certificateExpires":null,"created":"2026-11-01T00:00:00Z",\
            "updated":"2026-11-02T00:00:00Z","resourceVersion":"1"}""";

    private FakeServer server;

    CommandLineTest() throws IOException {
        server = new FakeServer();
    }

    @BeforeEach
    void twoAssets() {
        server.answers("GET /api/v1/assets?", 200, "{\"items\":[" + POS + "," + VEHICLE + "]}");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void listsAssetsAsATable() {
        assertThat(Cli.at(server).run("get", "assets")).isEqualTo(new Result(0, """
                ID             TYPE     LIFECYCLE   PRESENCE    SEEN  REGION  SITE    LABELS
                pos-1          pos      active      online      -     eu      -       region=eu,shift=night
                vehicle-00017  vehicle  registered  never-seen  -     -       berlin  -
                """, ""));
    }

    @Test
    void cutsATableToANarrowTerminal() {
        String out = Cli.at(server).onTerminalOf(70).run("get", "assets").out();
        assertThat(out.lines()).allMatch(line -> line.length() <= 70);
        assertThat(out).contains("…");
    }

    @Test
    void cutsNothingWhenPiped() {
        assertThat(Cli.at(server).run("get", "assets", "-o", "wide").out())
                .contains("region=eu,shift=night")
                .contains("2026-11-02T00:00:00Z")
                .doesNotContain("…");
    }

    @Test
    void listsAsJsonAndYaml() {
        server.answers("GET /api/v1/tokens?", 200, "{\"items\":[{\"id\":\"a\",\"version\":\"1\"},{\"id\":\"b\"}]}");
        assertThat(Cli.at(server).run("get", "tokens", "-o", "json").out()).isEqualTo("""
                [
                  {
                    "id" : "a",
                    "version" : "1"
                  },
                  {
                    "id" : "b"
                  }
                ]
                """);
        assertThat(Cli.at(server).run("get", "tokens", "-o", "yaml").out()).isEqualTo("""
                ---
                id: a
                version: "1"
                ---
                id: b
                """);
    }

    @Test
    void showsAnAssetAsTheDocumentThatApplyTakes() {
        server.answers("GET /api/v1/assets/pos-1", 200, POS);
        assertThat(Cli.at(server).run("get", "asset", "pos-1", "-o", "yaml").out())
                .isEqualTo("""
                apiVersion: muster.dev/v1
                kind: Asset
                metadata:
                  name: pos-1
                  labels:
                    region: eu
                    shift: night
                spec:
                  type: pos
                  region: eu
                  lifecycle: active
                status:
                  presence: online
                  presenceSince: 2026-11-23T10:00:00Z
                  created: 2026-11-01T00:00:00Z
                  updated: 2026-11-02T00:00:00Z
                """);
    }

    @Test
    void laysSeriesSideBySide() {
        server.answers("GET /api/v1/assets/v/telemetry", 200, """
                {"asset":"v","type":"vehicle","series":[
                 {"metric":"speed","unit":"m/s","points":[{"ts":1795413600000,"value":12.5},{"ts":1795413602000,"value":13.0}]},
                 {"metric":"ignition","unit":"","points":[{"ts":1795413600000,"value":true}]},
                 {"metric":"odometer","unit":"m","points":[{"ts":1795413602000,"value":125680123.456}]}]}""");
        assertThat(Cli.at(server).run("telemetry", "v", "--from", "-1h").out()).isEqualTo("""
                TIME                  speed  ignition  odometer
                2026-11-23T06:00:00Z  12.5   true      -
                2026-11-23T06:00:02Z  13     -         125680123.46
                """);
    }

    @Test
    void showsAggregatesAsATableOrALine() {
        server.answers("GET /api/v1/assets/v/telemetry", 200, """
                {"series":[{"metric":"speed","unit":"m/s","points":[
                 {"ts":1795413600000,"min":0.0,"max":2.0,"avg":1.0,"last":2.0,"count":3},
                 {"ts":1795413660000,"min":2.0,"max":10.0,"avg":8.3333333333,"last":9.0,"count":4}]}]}""");
        assertThat(Cli.at(server).run("telemetry", "v", "--step", "1m").out()).isEqualTo("""
                TIME                  speed
                2026-11-23T06:00:00Z  1
                2026-11-23T06:01:00Z  8.333333
                """);
        assertThat(Cli.at(server)
                        .run("telemetry", "v", "--points", "60", "--agg", "max", "--spark")
                        .out())
                .isEqualTo("speed  ▁█  2 … 10, last 10 m/s\n");
    }

    @Test
    void showsTheLatestValuesOfAFleet() {
        server.answers("GET /api/v1/telemetry/latest?selector=asset.type == 'vehicle'&metrics=speed", 200, """
                {"items":[{"asset":"v-1","type":"vehicle","values":{"speed":{"ts":1,"value":3.25}}},
                 {"asset":"v-2","type":"vehicle","values":{}}]}""");
        assertThat(Cli.at(server)
                        .run("latest", "--selector", "asset.type == 'vehicle'", "--metrics", "speed")
                        .out()
                        .lines()
                        .map(line -> line.replaceFirst("\\d+d", "N d")))
                .containsExactly("ASSET  MEASURED  speed", "v-1    N d    3.25", "v-2    never     -");
    }

    @Test
    void showsWhatHappenedToAnAsset() {
        server.answers("GET /api/v1/assets/v/timeline", 200, """
                {"asset":"v","lanes":[{"lane":"commands","count":1,"complete":false},
                  {"lane":"files","count":0,"complete":true,"withheld":"needs the role operator"}],
                 "entries":[{"lane":"commands","at":"2026-11-23T10:00:00Z","until":"2026-11-23T10:00:05Z","open":false,
                   "state":"failed","title":"reboot","reason":"no power"},
                  {"lane":"restarts","at":"2026-11-23T09:00:00Z","open":false,"state":"restarted","title":"boot b-2","reason":""}]}""");
        var ran = Cli.at(server).run("timeline", "v", "--from", "2026-11-23T08:00:00Z");
        assertThat(ran.out().lines().map(String::stripTrailing))
                .containsExactly(
                        "AT                    FOR  LANE      STATE      WHAT      WHY",
                        "2026-11-23T10:00:00Z  5s   commands  failed     reboot    no power",
                        "2026-11-23T09:00:00Z  -    restarts  restarted  boot b-2  -");
        assertThat(ran.err()).contains("commands: there are older ones", "files are left out: needs the role operator");
    }

    @Test
    void showsInWhichMinutesAnAssetWasReachable() {
        server.answers("GET /api/v1/assets/v/availability", 200, """
                {"asset":"v","total":{"minutes":100,"reachable":60,"stale":10,"unknown":20,"unreachable":10,"running":70,"uptime":0.75},
                 "days":[{"day":"2026-11-23","minutes":{"minutes":100,"reachable":60,"stale":10,"unknown":20,"unreachable":10,
                   "running":70,"uptime":0.75}}]}""");
        assertThat(Cli.at(server).run("availability", "v").out()).isEqualTo("""
                DAY         UPTIME   MINUTES  REACHABLE  STALE  UNREACHABLE  UNKNOWN  RUNNING
                2026-11-23  75.000%  100      60         10     10           20       70
                total       75.000%  100      60         10     10           20       70
                """);
        assertThat(Cli.at(server).run("availability", "v", "--selector", "true").code())
                .isEqualTo(2);
    }

    @Test
    void showsLogsOldestFirst() {
        server.answers("GET /api/v1/assets/v/logs", 200, """
                {"items":[{"ts":1795413602000,"severity":"error","body":"second","attributes":{}},
                 {"ts":1795413600000,"severity":"info","body":"first","attributes":{"unit":"app"}}]}""");
        assertThat(Cli.at(server).run("logs", "v").out()).isEqualTo("""
                2026-11-23T06:00:00Z info  first  unit=app
                2026-11-23T06:00:02Z error second
                """);
    }

    @Test
    void printsAnEmptyListForProgramsAndSaysSoToPeople() {
        server.answers("GET /api/v1/assets?", 200, "{\"items\":[]}");
        assertThat(Cli.at(server).run("get", "assets", "-o", "json")).isEqualTo(new Result(0, "[]\n", ""));
        assertThat(Cli.at(server).run("get", "assets", "-q", "nothing"))
                .isEqualTo(new Result(0, "", "no assets match\n"));
    }

    @Test
    void sendsTokenAndSelectorUnchanged() {
        Cli.at(server)
                .run("get", "assets", "--selector", "asset.type == 'pos' && asset.labels['a+b'] != \"ü\"", "-q", "a b");
        assertThat(server.requests)
                .containsExactly(new Request(
                        "GET /api/v1/assets?selector=asset.type == 'pos' && asset.labels['a+b'] != \"ü\"&q=a b&limit=1000",
                        "Bearer muster_secret",
                        "null",
                        ""));
    }

    @Test
    void followsPagesToTheEndOrTheLimit() {
        server.answers(
                "GET /api/v1/groups?limit=1000",
                200,
                "{\"items\":[{\"metadata\":{\"name\":\"a\"}}],\"continue\":\"p2\"}");
        server.answers(
                "GET /api/v1/groups?limit=1000&continue=p2",
                200,
                "{\"items\":[{\"metadata\":{\"name\":\"b\"}}],\"continue\":\"p3\"}");
        server.answers(
                "GET /api/v1/groups?limit=1000&continue=p3", 200, "{\"items\":[{\"metadata\":{\"name\":\"c\"}}]}");
        assertThat(Cli.at(server).run("get", "groups").out().lines().map(line -> line.substring(0, 1)))
                .containsExactly("N", "a", "b", "c");
        server.requests.clear();
        server.answers(
                "GET /api/v1/groups?limit=1", 200, "{\"items\":[{\"metadata\":{\"name\":\"a\"}}],\"continue\":\"p2\"}");
        Cli.at(server).run("get", "groups", "--limit", "1");
        assertThat(server.requests).extracting(Request::line).containsExactly("GET /api/v1/groups?limit=1");
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid, 2",
        "401, unauthenticated, 3",
        "403, forbidden, 3",
        "404, not_found, 4",
        "409, conflict, 3",
        "412, precondition_failed, 3",
        "422, refused, 3",
        "429, rate_limited, 3",
        "500, internal, 1",
        "503, unavailable, 1"
    })
    void exitsByWhatTheCallerMayDo(int status, String code, int exit) {
        server.refuses("GET /api/v1/assets/x", status, code, "asset x cannot be shown because of " + code);
        assertThat(Cli.at(server).run("get", "asset", "x"))
                .isEqualTo(new Result(exit, "", "muster: asset x cannot be shown because of " + code + "\n"));
    }

    @Test
    void tellsEveryFieldThatIsWrongInOneLine() {
        server.answers(
                "POST /api/v1/assets",
                400,
                "{\"detail\":\"the asset is not valid\",\"errors\":[{\"field\":\"id\",\"message\":\"must not be\\nempty\"},"
                        + "{\"field\":\"type\",\"message\":\"is not known\"}]}");
        assertThat(Cli.at(server).run("create", "asset", "x", "--type", "y"))
                .isEqualTo(new Result(
                        2, "", "muster: the asset is not valid: id: must not be empty; type: is not known\n"));
    }

    @Test
    void whatTheMessageSaysAlreadyIsToldOnce() {
        server.answers(
                "POST /api/v1/assets",
                400,
                "{\"detail\":\"nothing was made: id: is empty\",\"errors\":[{\"field\":\"id\",\"message\":\"is empty\"},"
                        + "{\"field\":\"type\",\"message\":\"is not known\"}]}");
        assertThat(Cli.at(server).run("create", "asset", "x", "--type", "y"))
                .isEqualTo(new Result(2, "", "muster: nothing was made: id: is empty; type: is not known\n"));
    }

    @Test
    void saysWhichServerDoesNotAnswerAndWhatToTry() throws Exception {
        int unused;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = probe.getLocalPort();
        }
        Result result = new Cli().run("whoami", "--server", "127.0.0.1:" + unused);
        assertThat(result.code()).isEqualTo(5);
        assertThat(result.err())
                .startsWith("muster: cannot reach http://127.0.0.1:" + unused + "/ (")
                .endsWith("is the server running? start it with muster server, or give --server\n")
                .hasLineCount(1);
    }

    @Test
    void saysThatNoServerIsKnown(@TempDir Path directory) {
        Result result = new Cli().run("whoami", "--data-dir", directory.toString());
        assertThat(result)
                .isEqualTo(new Result(
                        5,
                        "",
                        "muster: no server runs on " + directory
                                + " and none was given; start one with muster server,"
                                + " or give --server or MUSTER_SERVER\n"));
    }

    @Test
    void doesNotTakeSomethingElseForAMusterServer() {
        server.answers("GET /api/v1/whoami", 200, "<html>hello</html>");
        assertThat(Cli.at(server).run("whoami").err())
                .contains("answered something that is not JSON; is it a Muster server?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "get",
                "get toasters",
                "get assets --limit -1",
                "fly",
                "get groups -q x",
                "asset",
                "telemetry a --step soon"
            })
    void refusesWrongUsageInOneLine(String line) {
        Result result = Cli.at(server).run(line.split(" "));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("muster: ").hasLineCount(1);
        assertThat(server.requests).isEmpty();
    }

    @Test
    void findsTheServerOnThisMachineByItsDataDirectory(@TempDir Path directory) throws IOException {
        localServer(directory);
        server.answers(
                "GET /api/v1/whoami", 200, "{\"name\":\"admin\",\"kind\":\"token\",\"role\":\"admin\",\"scope\":null}");
        Result result = new Cli().run("whoami", "--data-dir", directory.toString());
        assertThat(result.out()).isEqualTo("admin (token), role admin, scope all assets, at " + server.url() + "/\n");
        assertThat(server.requests.getFirst().authorization()).isEqualTo("Bearer muster_local");
    }

    @Test
    void sendsNoKeptTokenToAServerThatItWasNotKeptFor(@TempDir Path directory) throws IOException {
        Files.createDirectories(directory.resolve("run"));
        Files.writeString(directory.resolve("run/server.json"), "{\"http\":\"http://127.0.0.1:1\"}");
        Files.writeString(directory.resolve("admin.token"), "muster_local\n");
        Path config = Files.writeString(directory.resolve("config.yaml"), """
                # mine
                server: http://127.0.0.1:2
                token: "muster_config"
                """);
        String[] arguments = {
            "whoami", "--server", server.url(), "--data-dir", directory.toString(), "--config", config.toString()
        };
        new Cli().run(arguments);
        new Cli().with("MUSTER_TOKEN", "muster_env").run(arguments);
        assertThat(server.requests).extracting(Request::authorization).containsExactly("null", "Bearer muster_env");
    }

    @Test
    void prefersFlagsToEnvironmentToConfigFileToDataDirectory(@TempDir Path directory) throws IOException {
        localServer(directory);
        Path config = Files.writeString(
                directory.resolve("config.yaml"), "server: " + server.url() + "\ntoken: muster_config\n");
        String data = directory.toString();
        new Cli().run("whoami", "--data-dir", data);
        new Cli().run("whoami", "--data-dir", data, "--config", config.toString());
        new Cli().with("MUSTER_TOKEN", "muster_env").run("whoami", "--data-dir", data, "--config", config.toString());
        new Cli()
                .with("MUSTER_TOKEN", "muster_env")
                .run("whoami", "--data-dir", data, "--config", config.toString(), "--token", "muster_flag");
        assertThat(server.requests)
                .extracting(Request::authorization)
                .containsExactly(
                        "Bearer muster_local", "Bearer muster_config", "Bearer muster_env", "Bearer muster_flag");
    }

    @Test
    void writesCredentialsOnceAndSaysHowToUseThem(@TempDir Path directory) throws IOException {
        localServer(directory);
        server.answers(
                "POST /api/v1/assets/my-pi/credentials",
                200,
                "{\"asset\":\"my-pi\",\"serial\":\"5f\",\"notAfter\":\"2026-12-23T00:00:00Z\",\"key\":\"KEY\\n\","
                        + "\"certificate\":\"CERT\\n\",\"ca\":\"CA\\n\"}");
        Path out = directory.resolve("my-pi");
        String[] arguments = {
            "asset", "credentials", "my-pi", "--out", out.toString(), "--data-dir", directory.toString()
        };
        Result result = new Cli().run(arguments);
        assertThat(result.code()).isZero();
        assertThat(Files.readString(out.resolve("key.pem"))).isEqualTo("KEY\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out.resolve("key.pem"))))
                .isEqualTo("rw-------");
        List<String> lines =
                result.out().lines().filter(line -> !line.startsWith("#")).toList();
        assertThat(lines).hasSize(3);
        assertThat(lines)
                .allMatch(line -> line.startsWith(
                        "mosquitto_pub -V mqttv5 -h 127.0.0.1 -p 18883 --cafile " + out + "/ca.pem --cert " + out
                                + "/certificate.pem --key " + out + "/key.pem -i my-pi -q 1 -t assets/my-pi/"));
        assertThat(result.out()).doesNotContain("KEY");

        Result again = new Cli().run(arguments);
        assertThat(again.code()).isEqualTo(3);
        assertThat(again.err())
                .isEqualTo("muster: will not overwrite " + out + "/key.pem; move it away or give another --out\n");
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void printsATokenOfAnAssetAloneWhereItIsMade() {
        server.answers(
                "POST /api/v1/assets/pump-7/tokens", 201, "{\"token\":\"asset_a\",\"assetToken\":{\"id\":\"t1\"}}");
        Result result = Cli.at(server).run("asset", "token", "create", "pump-7", "--expires", "7d");
        assertThat(result.out()).isEqualTo("asset_a\n");
        assertThat(server.requests.getFirst().body()).isEqualTo("{\"expiresIn\":\"7d\"}");
    }

    @Test
    void printsASecretAloneWhereItIsMade() {
        server.answers("POST /api/v1/claim-tokens", 201, "{\"token\":\"claim_a.b\",\"claimToken\":{\"id\":\"c1\"}}");
        Result result = Cli.at(server)
                .run("claim-token", "create", "--type", "pos", "--uses", "5", "--expires", "7d", "--label", "plant=7");
        assertThat(result.out()).isEqualTo("claim_a.b\n");
        assertThat(result.err()).doesNotContain("claim_a.b");
        assertThat(server.requests.getFirst().body())
                .isEqualTo("{\"type\":\"pos\",\"uses\":5,\"expiresIn\":\"7d\",\"labels\":{\"plant\":\"7\"}}");
    }

    @Test
    void appliesAFolderInOneRequest(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("b.yaml"), "kind: Group");
        Files.writeString(directory.resolve("a.yml"), "kind: AssetType");
        Files.writeString(directory.resolve("notes.txt"), "not this");
        server.answers(
                "POST /api/v1/apply",
                200,
                "{\"results\":[{\"kind\":\"Group\",\"name\":\"g\",\"result\":\"created\"}]}");
        Result result = Cli.at(server).run("apply", "-f", directory.toString(), "--dry-run", "--force");
        assertThat(result).isEqualTo(new Result(0, "Group g would be created\n", ""));
        assertThat(server.requests)
                .containsExactly(new Request(
                        "POST /api/v1/apply?dryRun=true&force=true",
                        "Bearer muster_secret",
                        "application/yaml",
                        "kind: AssetType\n---\nkind: Group"));
    }

    @Test
    void appliesWhatItReads() {
        server.answers("POST /api/v1/apply", 200, "{\"results\":[]}");
        Cli.at(server).reading("kind: Group\n").run("apply", "-f", "-");
        assertThat(server.requests.getFirst().body()).isEqualTo("kind: Group\n");
    }

    @Test
    void importsAndTellsBadRowsByLine(@TempDir Path directory) throws IOException {
        Path csv = Files.writeString(directory.resolve("fleet.csv"), "id,type\na,pos\n!,pos\n");
        server.answers("POST /api/v1/assets/import", 200, """
                {"type":"rejected","line":3,"id":"!","message":"id must match the pattern"}
                {"type":"progress","rows":2,"bytes":20,"totalBytes":20}
                {"type":"summary","id":"i1","rows":2,"created":1,"updated":0,"unchanged":0,"rejected":1,"imported":true,"milliseconds":1500}
                """);
        assertThat(Cli.at(server).run("import", "assets", csv.toString())).isEqualTo(new Result(1, """
                2 rows: 1 created, 0 updated, 0 unchanged, 1 rejected, in 1.5 s
                """, """
                line 3 (!): id must match the pattern
                muster: 1 rows were not imported; mend them and import the file again
                """));
        assertThat(server.requests.getFirst())
                .isEqualTo(new Request(
                        "POST /api/v1/assets/import", "Bearer muster_secret", "text/csv", "id,type\na,pos\n!,pos\n"));
    }

    @Test
    void importsNothingWhenStrict(@TempDir Path directory) throws IOException {
        Path csv = Files.writeString(directory.resolve("fleet.csv"), "id,type\n");
        server.answers(
                "POST /api/v1/assets/import?strict=true",
                200,
                "{\"type\":\"summary\",\"rows\":2,\"rejected\":1,\"imported\":false}\n");
        assertThat(Cli.at(server).run("import", "assets", csv.toString(), "--strict"))
                .isEqualTo(new Result(1, "", "muster: nothing was imported: 1 rows are bad and --strict was given\n"));
    }

    @Test
    void showsAProgressBarOnATerminalOnly(@TempDir Path directory) throws IOException {
        Path csv = Files.writeString(directory.resolve("fleet.csv"), "id,type\n");
        server.answers("POST /api/v1/assets/import", 200, """
                {"type":"progress","rows":1,"bytes":50,"totalBytes":100}
                {"type":"summary","rows":1,"created":1,"rejected":0,"imported":true}
                """);
        assertThat(Cli.at(server)
                        .onTerminalOf(80)
                        .run("import", "assets", csv.toString())
                        .err())
                .contains("importing [###############               ] 50/100");
        assertThat(Cli.at(server).run("import", "assets", csv.toString()).err()).isEmpty();
    }

    @Test
    void exportsWhatTheServerSends() {
        server.answers("GET /api/v1/assets/export?selector=asset.type == 'pos'", 200, "id,type\r\npos-1,pos\r\n");
        assertThat(Cli.at(server)
                        .run("export", "assets", "-s", "asset.type == 'pos'")
                        .out())
                .isEqualTo("id,type\r\npos-1,pos\r\n");
    }

    @Test
    void completesInBashAndZsh() {
        assertThat(new Cli().run("completion", "bash").out()).contains("claim-token", "complete -F _complete_muster");
        assertThat(new Cli().run("completion", "fish").code()).isEqualTo(2);
    }

    @Test
    void helpsWithEveryVerb() {
        String help = new Cli().run("--help").out();
        assertThat(help).contains("get", "describe", "apply", "import", "doctor", "Exit codes");
        assertThat(new Cli().run("import", "--help").out()).contains("--strict").contains("--server");
    }

    @Test
    void movesNoCursorForHostileNames() {
        server.answers("GET /api/v1/assets?", 200, "{\"items\":[{\"id\":\"a\\u001b[2Jb\"}]}");
        assertThat(Cli.at(server).run("get", "assets").out()).doesNotContain("\u001b");
    }

    @Test
    void writesNoLineAnewForHostileMessages(@TempDir Path directory) throws IOException {
        Path csv = Files.writeString(directory.resolve("fleet.csv"), "id,type\n");
        server.answers("POST /api/v1/assets/import", 200, """
                {"type":"rejected","line":2,"id":"a\\r\\u001b[K","message":"it is \\u001b[8mbad"}
                {"type":"failed","message":"b\\r\\u001b[Kdone"}
                """);
        assertThat(Cli.at(server).run("import", "assets", csv.toString()).err())
                .contains("line 2 (a ␛[K): it is ␛[8mbad")
                .contains("␛[Kdone")
                .doesNotContain("\r", "\u001b");
    }

    private void localServer(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("run"));
        Files.writeString(
                directory.resolve("run/server.json"),
                "{\"pid\":1,\"http\":\"" + server.url()
                        + "\",\"mqtt\":\"127.0.0.1:18883\",\"device\":\"https://127.0.0.1:18443\"}");
        Files.writeString(directory.resolve("admin.token"), "muster_local\n");
    }
}
