package dev.muster.platform.web;

import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Bounds the body of every request, whether it tells its length before or not. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
public final class BodyLimitFilter extends OncePerRequestFilter {
    public static final Setting<Long> MAX_BODY =
            Setting.bytes("http-max-body", "4MiB", 64 << 10, "Largest body of a request to the management API.");

    public static final List<Setting<?>> SETTINGS = List.of(MAX_BODY);

    private final long usual;
    private final Map<String, Long> exceptions;
    private final ProblemWriter problems;

    public BodyLimitFilter(Settings settings, ObjectProvider<BodyLimit> exceptions, ProblemWriter problems) {
        this.usual = settings.get(MAX_BODY);
        this.exceptions = exceptions.stream().collect(Collectors.toUnmodifiableMap(BodyLimit::path, BodyLimit::bytes));
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long limit = exceptions.getOrDefault(request.getRequestURI(), usual);
        if (request.getContentLengthLong() > limit) {
            problems.write(response, refusal(request.getContentLengthLong() + " bytes", limit));
        } else {
            chain.doFilter(new Bounded(request, limit), response);
        }
    }

    private static Refusal refusal(String found, long limit) {
        return new Refusal(
                ErrorCode.TOO_LARGE,
                "the body has " + found + "; allowed here are " + limit
                        + " bytes; send less at once, or raise http-max-body");
    }

    /** The request with a body that ends with a refusal at its bound. */
    private static final class Bounded extends HttpServletRequestWrapper {
        private final long limit;

        Bounded(HttpServletRequest request, long limit) {
            super(request);
            this.limit = limit;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new BoundedStream(super.getInputStream(), limit);
        }

        @Override
        public BufferedReader getReader() throws IOException {
            String encoding = getCharacterEncoding();
            return new BufferedReader(new InputStreamReader(
                    getInputStream(), encoding == null ? StandardCharsets.UTF_8.name() : encoding));
        }
    }

    /** Counts what is read. */
    private static final class BoundedStream extends ServletInputStream {
        private final ServletInputStream body;
        private final long limit;
        private long read;

        BoundedStream(ServletInputStream body, long limit) {
            this.body = body;
            this.limit = limit;
        }

        @Override
        public int read() throws IOException {
            int octet = body.read();
            count(octet < 0 ? 0 : 1);
            return octet;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = body.read(target, offset, length);
            count(Math.max(0, count));
            return count;
        }

        private void count(int more) {
            read += more;
            if (read > limit) {
                throw refusal("more than " + limit + " bytes", limit);
            }
        }

        @Override
        public boolean isFinished() {
            return body.isFinished();
        }

        @Override
        public boolean isReady() {
            return body.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            body.setReadListener(listener);
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }
}
