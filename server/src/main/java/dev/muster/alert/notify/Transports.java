package dev.muster.alert.notify;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.notify.Notification.Attempt;
import dev.muster.platform.config.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** HTTP and SMTP. HTTP follows no redirect, so that a notification and its secrets go where they were sent and nowhere else. */
@Component
class Transports implements Transport, AutoCloseable {
    static final String ID_HEADER = "X-Muster-Notification";
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration WHOLE = Duration.ofSeconds(15);
    private static final int MAX_ANSWER = 16 * 1024;
    private static final int SHOWN = 200;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final AlertSecrets secrets;
    private final Mail mail;
    private final String external;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    Transports(AlertSecrets secrets, Settings settings) {
        this.secrets = secrets;
        this.external = settings.get(AlertSettings.EXTERNAL_URL).replaceAll("/+$", "");
        this.mail = new Mail(settings, external);
    }

    @Override
    public Attempt send(Notification notification) {
        return switch (notification.channel()) {
            case Channel.Email email -> mail.send(email, notification.id(), notification.content());
            case Channel.Http channel -> post(channel, notification.id(), notification.content());
            case Channel.OnCall _, Channel.Other _ ->
                throw new IllegalStateException(
                        "notification " + notification.id() + " goes to another receiver's channels");
        };
    }

    private Attempt post(Channel.Http channel, String id, Content content) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(secrets.filled(Formats.url(channel))))
                    .timeout(WHOLE)
                    .header("Content-Type", Formats.contentType(channel))
                    .header("User-Agent", "Muster")
                    .header("Idempotency-Key", id)
                    .header(ID_HEADER, id);
            channel.headers().forEach((name, value) -> request.setHeader(name, secrets.filled(value)));
            byte[] body = JSON.writeValueAsBytes(Formats.body(withSecrets(channel), content, id, external));
            HttpResponse<InputStream> answer = http.send(
                    request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream said = answer.body()) {
                return attempt(answer.statusCode(), said.readNBytes(MAX_ANSWER));
            }
        } catch (AlertSecrets.MissingException missing) {
            return new Attempt.Failed(String.valueOf(missing.getMessage()), true);
        } catch (IllegalArgumentException malformed) {
            return new Attempt.Failed("the address or a header is none once its secrets are filled in", false);
        } catch (IOException away) {
            // never its message: it may hold the address, and that a secret
            return new Attempt.Failed(away.getClass().getSimpleName() + " of " + channel.shown(), true);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Attempt.Failed("interrupted", true);
        }
    }

    /** In what the receiver declares, never in what alerts say: a label must not bring a secret out. */
    private Channel.Http withSecrets(Channel.Http channel) {
        Map<String, String> options = new HashMap<>();
        channel.options().forEach((name, value) -> options.put(name, secrets.filled(value)));
        return new Channel.Http(channel.kind(), channel.url(), channel.headers(), options);
    }

    private static Attempt attempt(int status, byte[] body) {
        if (status / 100 == 2) {
            return new Attempt.Delivered();
        }
        String said = new String(body, java.nio.charset.StandardCharsets.UTF_8)
                .replaceAll("[^\\x20-\\x7e]+", " ")
                .strip();
        String why = "answered " + status
                + (status / 100 == 3 ? ", and redirects are not followed" : "")
                + (said.isEmpty() ? "" : ": " + (said.length() <= SHOWN ? said : said.substring(0, SHOWN) + "…"));
        return new Attempt.Failed(why, status / 100 == 5 || status == 408 || status == 429);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
