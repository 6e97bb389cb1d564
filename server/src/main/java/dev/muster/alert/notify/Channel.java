package dev.muster.alert.notify;

import dev.muster.registry.document.FieldReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * One way to reach a receiver. Texts may hold {@code {{secret:NAME}}}, which is filled in when something is sent, and never stored, shown
 * or logged.
 */
public sealed interface Channel {
    Pattern SECRET = Pattern.compile("\\{\\{secret:([A-Za-z0-9._-]{1,63})}}");
    String PAGER_DUTY = "https://events.pagerduty.com/v2/enqueue";

    /** The key in a receiver's channel: {@code email}, {@code webhook}, … */
    String kind();

    /** Whom it reaches, for people; no secret. */
    String shown();

    /** Whether it is told of a notice: a ticket is opened once, and what else happens is not another one unless {@code updates} says so. */
    default boolean hears(String why) {
        return !(this instanceof Http http)
                || !TICKETS.contains(http.kind())
                || Boolean.parseBoolean(http.options().get("updates"))
                || !(why.equals("resolved") || why.equals("repeated"));
    }

    record Email(List<String> to) implements Channel {
        @Override
        public String kind() {
            return "email";
        }

        @Override
        public String shown() {
            return String.join(", ", to);
        }
    }

    /** An HTTP call in one of several formats. @param options what a ticket's template needs: project, issueType, … */
    record Http(String kind, String url, Map<String, String> headers, Map<String, String> options) implements Channel {
        public Http {
            headers = Map.copyOf(headers);
            options = Map.copyOf(options);
        }

        /** Host only: paths of chat systems are secrets. */
        @Override
        public String shown() {
            try {
                String host = new URI(url.replaceAll("\\{\\{.*?}}", "secret")).getHost();
                return host == null ? kind : kind + " at " + host;
            } catch (URISyntaxException malformed) {
                return kind;
            }
        }
    }

    /** Whoever is on call when it is told. */
    record OnCall(String schedule) implements Channel {
        @Override
        public String kind() {
            return "onCall";
        }

        @Override
        public String shown() {
            return "on call of " + schedule;
        }
    }

    /** Another receiver's channels. */
    record Other(String receiver) implements Channel {
        @Override
        public String kind() {
            return "receiver";
        }

        @Override
        public String shown() {
            return receiver;
        }
    }

    List<String> HTTP_KINDS =
            List.of("webhook", "cloudevents", "slack", "pagerduty", "jira", "servicenow", "alertmanager");

    List<String> TICKETS = List.of("jira", "servicenow");

    static List<Channel> readAll(FieldReader spec) {
        List<Channel> channels = new ArrayList<>();
        JsonNode list = spec.has("channels") ? spec.json("channels") : spec.json("none");
        if (!list.isArray() || list.isEmpty() || list.size() > 20) {
            spec.problem("channels", "must be a list of 1 to 20 channels");
            return channels;
        }
        for (int i = 0; i < list.size(); i++) {
            channels.add(read(FieldReader.of(spec.path() + ".channels[" + i + "]", list.get(i), spec.problems())));
        }
        return channels;
    }

    private static Channel read(FieldReader reader) {
        List<String> keys = reader.names();
        String key = keys.size() == 1 ? keys.getFirst() : "";
        Channel channel = switch (key) {
            case "email" -> email(reader.object(key));
            case "onCall" -> new OnCall(reader.text(key, ""));
            case "receiver" -> new Other(reader.text(key, ""));
            default -> HTTP_KINDS.contains(key) ? http(key, reader.object(key)) : new Other("");
        };
        if (channel instanceof Other(String receiver) && receiver.isEmpty()) {
            reader.problem(
                    "",
                    "must have exactly one of email, onCall, receiver, " + String.join(", ", HTTP_KINDS) + ", found "
                            + (keys.isEmpty() ? "nothing" : String.join(", ", keys)));
        }
        return channel;
    }

    private static Channel email(FieldReader reader) {
        List<String> to = new ArrayList<>();
        if (reader.has("to")) {
            (reader.json("to").isArray() ? reader.json("to").values() : List.of(reader.json("to")))
                    .forEach(each -> to.add(each.asString("")));
        }
        if (to.isEmpty()
                || to.size() > 50
                || to.stream().anyMatch(each -> !each.matches("[^\\s<>,;@]+@[^\\s<>,;@]+"))) {
            reader.problem("to", "must be 1 to 50 addresses, such as ann@example.org");
        }
        reader.finish();
        return new Email(List.copyOf(to));
    }

    private static Channel http(String kind, FieldReader reader) {
        String url = kind.equals("pagerduty") ? reader.text("url", PAGER_DUTY) : reader.requiredText("url");
        if (!url.isEmpty() && !isHttp(url)) {
            reader.problem("url", "must be an http or https address");
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : options(kind)) {
            if (reader.has(option)) {
                options.put(option, reader.text(option, ""));
            }
        }
        if (TICKETS.contains(kind) && reader.flag("updates", false)) {
            options.put("updates", "true");
        }
        if (kind.equals("pagerduty")) {
            requireSecret(reader, "routingKey", reader.requiredText("routingKey"));
        }
        if (kind.equals("jira") && reader.requiredText("project").isEmpty()) {
            reader.problem("project", "must name the project");
        }
        Map<String, String> headers = reader.texts("headers");
        headers.forEach((name, value) -> {
            if (!name.matches("[A-Za-z0-9-]{1,64}")
                    || value.length() > 2_048
                    || value.chars().anyMatch(c -> c < 32)) {
                reader.problem("headers." + name, "is no header");
            } else if (name.equalsIgnoreCase("authorization")) {
                requireSecret(reader, "headers." + name, value);
            }
        });
        reader.finish();
        return new Http(kind, url, headers, options);
    }

    private static List<String> options(String kind) {
        return switch (kind) {
            case "pagerduty" -> List.of("routingKey");
            case "jira" -> List.of("project", "issueType", "summary", "description");
            case "servicenow" -> List.of("assignmentGroup", "summary", "description");
            case "slack" -> List.of("channel");
            default -> List.of();
        };
    }

    private static void requireSecret(FieldReader reader, String field, String value) {
        if (!value.isEmpty() && !SECRET.matcher(value).find()) {
            reader.problem(
                    field,
                    "must hold a secret by its name, {{secret:NAME}}; `muster alert secret set NAME` stores it encrypted");
        }
    }

    private static boolean isHttp(String url) {
        try {
            URI uri = new URI(SECRET.matcher(url).replaceAll("secret"));
            return uri.getHost() != null
                    && uri.getUserInfo() == null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (URISyntaxException malformed) {
            return false;
        }
    }

    /** As it is stored in the outbox; {@link #of} reads it. */
    default Map<String, Object> stored() {
        return switch (this) {
            case Email(List<String> to) -> Map.of("kind", "email", "to", to);
            case Http http ->
                Map.of("kind", http.kind(), "url", http.url(), "headers", http.headers(), "options", http.options());
            case OnCall(String schedule) -> Map.of("kind", "onCall", "schedule", schedule);
            case Other(String receiver) -> Map.of("kind", "receiver", "receiver", receiver);
        };
    }

    static Channel of(JsonNode stored) {
        return switch (stored.path("kind").asString("")) {
            case "email" ->
                new Email(
                        stored.path("to").valueStream().map(JsonNode::asString).toList());
            case "onCall" -> new OnCall(stored.path("schedule").asString(""));
            case "receiver" -> new Other(stored.path("receiver").asString(""));
            default ->
                new Http(
                        stored.path("kind").asString(""),
                        stored.path("url").asString(""),
                        texts(stored.path("headers")),
                        texts(stored.path("options")));
        };
    }

    private static Map<String, String> texts(JsonNode node) {
        Map<String, String> texts = new LinkedHashMap<>();
        node.properties()
                .forEach(each -> texts.put(each.getKey(), each.getValue().asString("")));
        return texts;
    }
}
