/** Pictures, sound, film and documents from their bytes. */
import { useEffect, useState } from "preact/hooks";
import type { Bundle } from "../views";
import { Figure } from "./figure";

const RASTER = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"];
const MEDIA = /^(?:audio|video)\/[\w.+-]+$|^application\/pdf$/;

/** The first of a bundle's types that is a picture made of dots. */
export const rasterType = (data: Bundle["data"]) => RASTER.find((mime) => data[mime] !== undefined);

/** The first of a bundle's types that is sound, film or a document. */
export const mediaType = (data: Bundle["data"]) => Object.keys(data).find((key) => MEDIA.test(key));

/** In an img element an SVG runs no script and loads nothing; a data address has no origin to abuse. */
export function SvgImage({ svg, alt }: { svg: string; alt: string }) {
  return (
    <Figure source={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`} alt={alt} />
  );
}

interface RasterProps {
  mime: string;
  bundle: Bundle;
  alt: string;
}

export function RasterImage({ mime, bundle, alt }: RasterProps) {
  const source = useSource(mime, bundle.data[mime]);
  if (source === null) return null;
  const hints = bundle.metadata[mime] as { width?: unknown; height?: unknown } | undefined;
  const { width, height } = { ...bundle.metadata, ...hints };
  const size = {
    ...(typeof width === "number" && { width }),
    ...(typeof height === "number" && { height }),
  };
  return <Figure source={source} alt={alt} size={size} />;
}

interface MediaProps {
  mime: string;
  value: unknown;
  title: string;
}

export function Media({ mime, value, title }: MediaProps) {
  const source = useSource(mime, value);
  if (source === null) return null;
  if (mime.startsWith("audio/")) {
    // biome-ignore lint/a11y/useMediaCaption: a tool's sound has no captions to offer
    return <audio class="nbagent-media" controls src={source} title={title} />;
  }
  if (mime.startsWith("video/")) {
    // biome-ignore lint/a11y/useMediaCaption: a tool's film has no captions to offer
    return <video class="nbagent-media" controls src={source} title={title} />;
  }
  return (
    <a class="nbagent-link" href={source} download="result.pdf">
      Download PDF
    </a>
  );
}

/** An address for the content; bytes get one of their own for as long as they are shown. */
function useSource(mime: string, value: unknown): string | null {
  const [source, setSource] = useState<string | null>(null);
  useEffect(() => {
    if (typeof value === "string") {
      setSource(`data:${mime};base64,${value.replace(/\s/g, "")}`);
      return;
    }
    if (!ArrayBuffer.isView(value)) return;
    const url = URL.createObjectURL(
      new Blob([value as ArrayBufferView<ArrayBuffer>], { type: mime }),
    );
    setSource(url);
    return () => URL.revokeObjectURL(url);
  }, [mime, value]);
  return source;
}
