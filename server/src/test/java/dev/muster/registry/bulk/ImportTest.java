package dev.muster.registry.bulk;

import static java.net.URLEncoder.encode;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.registry.RegistryServer;
import dev.muster.registry.RegistryServer.Answer;
import dev.muster.registry.group.GroupSweep;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Files of assets, into a whole server and out of it. */
class ImportTest {
    /** Set to 100000 for the figure in docs. */
    private static final int ROWS = Integer.getInteger("muster.rows", 3_000);

    @SuppressWarnings("NullAway.Init")
    private static RegistryServer server;

    @BeforeAll
    static void start() {
        server = new RegistryServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void importsManyRowsTellsProgressAndMovesGroups() {
        server.apply("", """
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: bulk-eu}
                spec: {selector: "asset.labels.bulk == 'yes' && asset.region == 'eu'"}
                """);
        String file = IntStream.range(0, ROWS)
                .mapToObj(i -> "bulk-%06d,%s,retail,%s,Site %d,model-%d,active,%d,yes\n"
                        .formatted(i, i % 2 == 0 ? "pos" : "sensor", i % 3 == 0 ? "eu" : "us", i % 500, i % 7, i % 50))
                .collect(Collectors.joining(
                        "", "id,type,owner,region,site,hardware,lifecycle,label.line,label.bulk\n", ""));

        Answer answer = server.importCsv("", file);

        JsonNode summary = answer.lines().getLast();
        System.out.println("import: " + summary);
        assertThat(summary.get("type").stringValue()).isEqualTo("summary");
        assertThat(summary.get("created").intValue()).isEqualTo(ROWS);
        assertThat(summary.get("rejected").intValue()).isZero();
        assertThat(answer.lines().stream()
                        .filter(line -> line.get("type").stringValue().equals("progress")))
                .hasSizeGreaterThanOrEqualTo(ROWS / AssetImport.BATCH);
        server.bean(GroupSweep.class).sweep();
        assertThat(server.get("/api/v1/groups/bulk-eu")
                        .json()
                        .at("/status/members")
                        .intValue())
                .isEqualTo((ROWS + 2) / 3);

        JsonNode again = server.importCsv("", file).lines().getLast();
        System.out.println("import again: " + again);
        assertThat(again.get("unchanged").intValue()).isEqualTo(ROWS);

        String exported = server.get("/api/v1/assets/export?selector=" + encode("asset.id.startsWith('bulk-')", UTF_8))
                .text();
        assertThat(exported.lines().count()).isEqualTo(ROWS + 1);
        assertThat(server.importCsv("", exported)
                        .lines()
                        .getLast()
                        .get("unchanged")
                        .intValue())
                .isEqualTo(ROWS);
    }

    private static final String MIXED = """
            id,type,label.a,lifecycle
            good-1,pos,x,
            bad id,pos,x,
            bad-type,toaster,x,
            good-1,pos,y,
            short,pos
            bad-life,pos,x,gone
            "open" quote,pos,x,
            good-2,sensor,"a, ""b\""",active
            """;

    @Test
    void reportsBadRowsByLineAndImportsTheRest() {
        Answer answer = server.importCsv("", MIXED);

        assertThat(answer.lines().stream()
                        .filter(line -> line.get("type").stringValue().equals("rejected"))
                        .map(line -> line.get("line").intValue()))
                .containsExactlyInAnyOrder(3, 4, 5, 6, 7, 8);
        assertThat(answer.lines().getLast().get("created").intValue()).isEqualTo(2);
        assertThat(server.get("/api/v1/assets/good-2").json().at("/labels/a").stringValue())
                .isEqualTo("a, \"b\"");
    }

    @Test
    void strictImportsNothingWhenARowIsBad() {
        String file = "id,type\nstrict-1,pos\nstrict-2,toaster\n";

        JsonNode refused = server.importCsv("?strict=true", file).lines().getLast();
        JsonNode done = server.importCsv("?strict=true", "id,type\nstrict-3,pos\n")
                .lines()
                .getLast();

        assertThat(refused.get("imported").booleanValue()).isFalse();
        assertThat(refused.get("rejected").intValue()).isEqualTo(1);
        assertThat(server.get("/api/v1/assets/strict-1").status()).isEqualTo(404);
        assertThat(done.get("imported").booleanValue()).isTrue();
        assertThat(server.get("/api/v1/assets/strict-3").status()).isEqualTo(200);
    }

    @Test
    void columnsThatTheFileDoesNotHaveStayAsTheyAre() {
        server.importCsv("", "id,type,owner,label.a,label.b\nkept,pos,me,1,2\n");

        server.importCsv("", "id,type,label.a,label.c\nkept,pos,,3\n");

        JsonNode asset = server.get("/api/v1/assets/kept").json();
        assertThat(asset.get("owner").stringValue()).isEqualTo("me");
        assertThat(asset.get("labels").toString()).isEqualTo("{\"b\":\"2\",\"c\":\"3\"}");
    }

    @Test
    void refusesAFileWithoutAUsableHeader() {
        Answer answer = server.importCsv("", "id,colour,id\n");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").size()).isEqualTo(3);
    }

    @Test
    void staysInsideOfTheScope() {
        server.create("foreign", "pos", "{\"region\":\"us\"}");
        String token = server.token("operator", "asset.labels.region == 'eu'");

        List<JsonNode> lines =
                server.post(token, "/api/v1/assets/import", "text/csv", """
                id,type,label.region
                foreign,pos,eu
                mine,pos,eu
                yours,pos,us
                """).lines();

        assertThat(lines.stream()
                        .filter(line -> line.has("message"))
                        .map(line -> line.get("id").stringValue()))
                .containsExactly("foreign", "yours");
        assertThat(lines.getLast().get("created").intValue()).isEqualTo(1);
    }

    @Test
    void theTrailSaysWhichAssetsAnImportChanged() {
        JsonNode summary = server.importCsv("", "id,type\ntraced,pos\n").lines().getLast();

        assertThat(server.bean(JdbcClient.class)
                        .sql("select count(*) from audit_entry where object_name = :id and after::text like '%traced%'")
                        .param("id", summary.get("id").stringValue())
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
    }
}
