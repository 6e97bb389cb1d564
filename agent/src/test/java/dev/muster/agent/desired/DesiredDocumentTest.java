package dev.muster.agent.desired;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.desired.DesiredDocument.Message;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.JsonNodeFactory;

class DesiredDocumentTest {
    private static final String HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    @Test
    void readsTheDocumentOfTheProtocolPage() {
        Message message = parse("""
                {"generation":8,"config":{"reporting":{"telemetrySeconds":10}},"new":1,
                 "software":{"app":{"version":"1.5.0","attempt":"r-42.1","target":"app/1.5.0/app.tar.gz",
                   "url":"https://muster.example/artifacts/sha256/9f86","sha256":"%s","size":1048576,"other":true}}}
                """.formatted(HASH));
        DesiredDocument document = new DesiredDocument(
                8,
                JsonNodeFactory.instance
                        .objectNode()
                        .set("reporting", JsonNodeFactory.instance.objectNode().put("telemetrySeconds", 10)),
                Map.of(
                        "app",
                        new Wanted(
                                "1.5.0",
                                "r-42.1",
                                "app/1.5.0/app.tar.gz",
                                URI.create("https://muster.example/artifacts/sha256/9f86"),
                                HASH,
                                1048576L)));
        assertThat(message).isEqualTo(new Message.Whole(document));
        assertThat(DesiredDocument.parse(document.toBytes())).isEqualTo(message);
    }

    @Test
    void readsWhereALargeOneIs() {
        assertThat(parse("{\"generation\":7,\"url\":\"https://muster.example/d\",\"sha256\":\"" + HASH + "\"}"))
                .isEqualTo(new Message.Elsewhere(7, URI.create("https://muster.example/d"), HASH));
    }

    @Test
    void saysEverythingThatIsWrongWithOne() {
        assertThat(parse("{\"generation\":9,\"config\":[],\"software\":{\"../x\":{\"version\":\"1\"},"
                        + "\"app\":{\"sha256\":\"ABC\",\"size\":0,\"url\":\"http://muster.example/\"}}}"))
                .isEqualTo(new Message.Unusable(
                        9,
                        "config must be an object; software.app.version is missing;"
                                + " software.app.url is 'http://muster.example/' and must be an https URL, or a path that begins with /;"
                                + " software.app.sha256 is 'ABC' and must be 64 lower-case hexadecimal digits;"
                                + " software.app.size is 0 and must be from 1 to 1099511627776;"
                                + " software has a component that is not of the form [A-Za-z0-9][A-Za-z0-9._-]{0,63}"));
    }

    @Test
    void anAddressIsRelativeToTheServerOrSecure() {
        for (String url :
                new String[] {"/v1/artifacts/sha256/9f86", "https://cdn.example/a?b=c", "http://127.0.0.1:8/a"}) {
            assertThat(parse("{\"generation\":1,\"software\":{\"app\":{\"version\":\"1\",\"url\":\"" + url + "\"}}}"))
                    .isInstanceOf(Message.Whole.class);
        }
        for (String url :
                new String[] {"v1/a", "//evil.example/a", "http://muster.example/a", "file:/etc/shadow", "https:a", ""
                }) {
            assertThat(parse("{\"generation\":1,\"software\":{\"app\":{\"version\":\"1\",\"url\":\"" + url + "\"}}}"))
                    .isInstanceOf(Message.Unusable.class);
        }
    }

    @Test
    void oneWithoutAGenerationIsUnreadable() {
        assertThat(parse("{\"config\":{}}"))
                .isEqualTo(new Message.Unreadable("it has no generation, which must be a whole number"));
        assertThat(parse("{")).isInstanceOf(Message.Unreadable.class);
        assertThat(parse("[]")).isInstanceOf(Message.Unreadable.class);
    }

    private static Message parse(String json) {
        return DesiredDocument.parse(json.getBytes(UTF_8));
    }
}
