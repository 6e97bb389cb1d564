package dev.muster.console;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the console below {@code /console/}, from memory, to everybody: the files hold no data.
 *
 * <p>A path without a file is a screen of the console and gets its page; the program in it finds the screen.
 */
@Hidden
@RestController
class ConsoleFiles {
    private static final String FOLDER = "/muster-console/";
    private static final String PAGE = "index.html";
    /** No inline script, nothing from elsewhere. Styles of components are set at run time, which needs inline styles. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self';"
            + " manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /** Read when the first browser comes: a server without one need not hold them. */
    private volatile @Nullable Map<String, ConsoleFile> files;

    @GetMapping("/")
    ResponseEntity<Void> root() {
        return ResponseEntity.status(HttpStatus.FOUND)
                .location(URI.create("/console/"))
                .build();
    }

    @GetMapping({"/console", "/console/**"})
    ResponseEntity<byte[]> file(HttpServletRequest request) {
        String path = request.getRequestURI().substring("/console".length());
        if (path.isEmpty()) {
            return ResponseEntity.status(HttpStatus.FOUND)
                    .location(URI.create("/console/"))
                    .build();
        }
        return answer(find(path.substring(1)), request);
    }

    private ConsoleFile find(String path) {
        Map<String, ConsoleFile> known = known();
        ConsoleFile file = known.get(path.isEmpty() ? PAGE : path);
        if (file == null && !path.startsWith("static/")) {
            file = known.get(PAGE);
        }
        if (file == null) {
            throw new Refusal(
                    ErrorCode.NOT_FOUND,
                    known.isEmpty()
                            ? "this server was built without the console; build it with ./mvnw package"
                            : "the console has no such file; load the page again, the server may be a newer one");
        }
        return file;
    }

    private static ResponseEntity<byte[]> answer(ConsoleFile file, HttpServletRequest request) {
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok()
                .header(
                        HttpHeaders.CACHE_CONTROL,
                        file.immutable() ? "public, max-age=31536000, immutable" : "no-cache")
                .header(HttpHeaders.CONTENT_TYPE, file.mediaType())
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
                .header("Content-Security-Policy", POLICY)
                .eTag(file.etag());
        String accepted = request.getHeader(HttpHeaders.ACCEPT_ENCODING);
        if (file.gzipped().length > 0 && accepted != null && accepted.contains("gzip")) {
            return answer.header(HttpHeaders.CONTENT_ENCODING, "gzip").body(file.gzipped());
        }
        return answer.body(file.bytes());
    }

    private Map<String, ConsoleFile> known() {
        Map<String, ConsoleFile> known = files;
        if (known == null) {
            known = read();
            files = known;
        }
        return known;
    }

    private static Map<String, ConsoleFile> read() {
        Map<String, ConsoleFile> read = new TreeMap<>();
        try {
            for (Resource file :
                    new PathMatchingResourcePatternResolver().getResources("classpath*:" + FOLDER + "**")) {
                String url = file.getURL().toString();
                String path = url.substring(url.indexOf(FOLDER) + FOLDER.length());
                if (file.isReadable() && !path.isEmpty() && !path.endsWith("/")) {
                    read.put(path, ConsoleFile.of(path, file.getContentAsByteArray()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the console's files cannot be read", e);
        }
        return read;
    }
}
