/** A MIME bundle, as the notebook would show it: the richest kind that is safe and not empty. */
import { memo } from "preact/compat";
import { useEffect, useState } from "preact/hooks";
import { highlight } from "../markdown/highlight";
import type { Bundle } from "../wire";
import { Ansi } from "./ansi";
import { Markdown } from "./markdown";
import { hasContent, ShadowHtml } from "./shadow";

const RASTER = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export const BundleView = memo(function BundleView({ bundle }: { bundle: Bundle }) {
  const { data, metadata } = bundle;
  const html = textOf(data["text/html"]);
  if (html && hasContent(html)) return <ShadowHtml html={html} />;
  const svg = textOf(data["image/svg+xml"]);
  if (svg) return <Svg svg={svg} alt={altOf(data)} />;
  const mime = RASTER.find((name) => data[name] !== undefined);
  if (mime)
    return <Raster mime={mime} value={data[mime]} alt={altOf(data)} size={metadata[mime]} />;
  const markdown = textOf(data["text/markdown"]);
  if (markdown) return <Markdown text={markdown} done={true} />;
  if (data["application/json"] !== undefined) return <Json value={data["application/json"]} />;
  return <Plain text={textOf(data["text/plain"]) || textOf(data["text/latex"])} />;
});

export function Plain({ text }: { text: string }) {
  return (
    <pre class="nbagent-plain" tabIndex={0}>
      <Ansi text={text} />
    </pre>
  );
}

/** Kernels may send a text as a list of lines. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join("");
  return typeof value === "string" ? value : "";
}

function altOf(data: Bundle["data"]): string {
  return textOf(data["text/plain"]).slice(0, 200) || "Figure";
}

/** In an img element an SVG runs no script and loads nothing; a data address has no origin to abuse. */
function Svg({ svg, alt }: { svg: string; alt: string }) {
  return (
    <Figure source={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`} alt={alt} />
  );
}

interface RasterProps {
  mime: string;
  value: unknown;
  alt: string;
  size: unknown;
}

function Raster({ mime, value, alt, size }: RasterProps) {
  const source = useImageSource(mime, value);
  const width = (size as { width?: unknown } | undefined)?.width;
  if (source === null) return null;
  return <Figure source={source} alt={alt} {...(typeof width === "number" ? { width } : {})} />;
}

function Figure({ source, alt, width }: { source: string; alt: string; width?: number }) {
  return (
    <div class="nbagent-figure">
      <img src={source} alt={alt} width={width} />
    </div>
  );
}

/** An address for the image; bytes get one of their own for as long as they are shown. */
function useImageSource(mime: string, value: unknown): string | null {
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

function Json({ value }: { value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? String(value);
  const html = highlight(text, "json");
  if (html === null) return <Plain text={text} />;
  return (
    <pre class="nbagent-plain" tabIndex={0}>
      <code dangerouslySetInnerHTML={{ __html: html }} />
    </pre>
  );
}
