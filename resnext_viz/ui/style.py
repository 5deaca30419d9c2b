"""The page's own style: palette variables, widths, and what Streamlit's theme cannot say."""

from resnext_viz.figures.palette import css_variables

PAGE_CSS = f"""
:root {{ {css_variables()} }}
.stApp {{ font-variant-numeric: tabular-nums lining-nums }}
[data-testid=stMainBlockContainer] {{ max-width: 1136px; margin: 0; padding: 94px 48px 56px }}
[data-testid=stMainBlockContainer] > [data-testid=stVerticalBlock] {{ gap: 16px }}

[data-testid=stHeader] {{ height: 60px; min-height: 60px; border-bottom: 1px solid var(--rx-line); background: var(--rx-bg) }}
[data-testid=stToolbar] {{ height: 60px; padding-left: 33px }}
[data-testid=stTopNav] {{ height: 60px; padding: 0 15px; margin: 0; align-items: stretch; gap: 20px }}
[data-testid=stTopNav] div:has(> [data-testid=stTopNavLink]) {{ height: 60px }}
[data-testid=stTopNavLink], [data-testid=stTopNavLink]:hover {{ height: 60px; background: none; border-radius: 0; border-bottom: 2px solid transparent; padding: 0; margin: 0 }}
[data-testid=stTopNavLink] p {{ font-size: 15px; font-weight: 500; color: var(--rx-muted) }}
[data-testid=stTopNavLink]:hover p {{ color: var(--rx-ink) }}
[data-testid=stTopNavLink][aria-current=page] {{ border-bottom-color: var(--rx-ink) }}
[data-testid=stTopNavLink][aria-current=page] p {{ font-weight: 600; color: var(--rx-ink) }}

[data-testid=stSidebar] {{ border-right: 1px solid var(--rx-line) }}
[data-testid=stSidebarContent] {{ padding: 0 24px }}
[data-testid=stSidebarUserContent] {{ padding: 0 0 32px }}
.rx-brand {{ font: 600 19px/28px "Source Serif","Source Serif 4",Georgia,serif; letter-spacing: -.005em; margin-top: -52px; padding-bottom: 12px }}

.rx-title h1 {{ font: 600 34px/39px "Source Serif","Source Serif 4",Georgia,serif; letter-spacing: -.012em; margin: 0; padding: 0 }}
.rx-title p {{ color: var(--rx-muted); margin: 6px 0 0 }}
[class*=st-key-heading-] {{ margin-top: 28px; flex-wrap: nowrap }}
.rx-heading {{ display: flex; align-items: baseline; gap: 18px }}
.rx-heading h2 {{ font: 600 21px/26px "Source Serif","Source Serif 4",Georgia,serif; letter-spacing: -.005em; white-space: nowrap; margin: 0; padding: 0 }}
.rx-heading p {{ color: var(--rx-muted); max-width: 660px; margin: 0 }}
.rx-caption, .rx-foot {{ color: var(--rx-muted); font-size: 13px; line-height: 19px; margin: 0 }}
.rx-prose {{ max-width: 760px }}
.stApp button[data-testid$=controlActive], .stApp button[data-testid$=controlActive]:hover {{ background: var(--rx-ink); border-color: var(--rx-ink); color: var(--rx-bg) }}
.stApp button[data-testid$=controlActive] p {{ color: var(--rx-bg); font-weight: 600 }}
.rx-complaint {{ background: var(--rx-side); border-radius: 4px; padding: 14px 16px; max-width: 760px }}
.rx-complaint b {{ font-weight: 600 }}
.rx-foot {{ margin-top: 20px; padding-top: 16px; border-top: 1px solid var(--rx-line); max-width: 860px }}
@media (max-width: 899px) {{
  [data-testid=stMainBlockContainer] {{ padding: 88px 32px 40px }}
  [data-testid=stToolbar] {{ padding-left: 17px }}
}}
@media (max-width: 500px) {{ [data-testid=stMainBlockContainer] {{ padding: 80px 16px 32px }} }}
"""
